"""Port-forwards to pods through the Kubernetes API.

Not kr8s' own: where a pod is gone, its tries to reach it never end and never pause, not even when
the client has gone, so that each connection costs a processor and the API server a stream of
requests. Here a connection that cannot be made is closed, and who made it tries again at its pace.

Source: the protocol of `portforward` over WebSocket, `k8s.io/kubelet/pkg/cri/streaming`. Each
message begins with its channel: 0 data, 1 errors; the first of each channel repeats the port.
"""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import Coroutine
from contextlib import suppress

import kr8s.asyncio
from httpx_ws import AsyncWebSocketSession, WebSocketUpgradeError

_LARGEST_PART = 1024 * 1024
_DATA = b"\x00"
_UNAUTHORIZED = 401


async def listen(api: kr8s.asyncio.Api, namespace: str, pod: str, port: int) -> int:
    """Listen on a port of this machine's loopback, for as long as the event loop runs; return it.

    Each connection leads to the port of the pod that has this name by then.
    """

    async def lead(reader: StreamReader, writer: StreamWriter) -> None:
        async with api.open_websocket(
            version="v1",
            namespace=namespace,
            url=f"pods/{pod}/portforward",
            params={"ports": str(port)},
        ) as socket:
            await _until_one_ends(_send(reader, socket), _receive(socket, writer))

    async def connect(reader: StreamReader, writer: StreamWriter) -> None:
        # whatever ends it, the client is to see a closed connection
        with suppress(Exception):
            try:
                await lead(reader, writer)
            except WebSocketUpgradeError as error:
                if error.response.status_code != _UNAUTHORIZED:
                    raise
                # kr8s reads a new token, as pods get them, when an ordinary request is refused
                await api.version()
                await lead(reader, writer)
        writer.close()

    server = await asyncio.start_server(connect, host="127.0.0.1", port=0)
    return int(server.sockets[0].getsockname()[1])


async def _until_one_ends(*directions: Coroutine[None, None, None]) -> None:
    tasks = [asyncio.create_task(each) for each in directions]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _send(reader: StreamReader, socket: AsyncWebSocketSession) -> None:
    while data := await reader.read(_LARGEST_PART):
        await socket.send_bytes(_DATA + data)


async def _receive(socket: AsyncWebSocketSession, writer: StreamWriter) -> None:
    begun: set[bytes] = set()
    while True:
        message = await socket.receive_bytes()
        channel = message[:1]
        if channel not in begun:
            begun.add(channel)
        elif channel == _DATA:
            writer.write(message[1:])
            await writer.drain()
        else:
            return
