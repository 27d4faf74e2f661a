package main

import (
	"context"
	"log"
	"net"
	"os"
	"testing"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"
)

const chaincodeID = "even-simpler_1.0:0123456789abcdef"

var address string

// TestMain starts the chaincode as its container does. The tests are its peers, over gRPC.
func TestMain(m *testing.M) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	address = listener.Addr().String()
	listener.Close()
	os.Setenv("CHAINCODE_ID", chaincodeID)
	os.Setenv("CHAINCODE_SERVER_ADDRESS", address)
	go main()
	os.Exit(m.Run())
}

// testPeer is the peer's end of one chaincode stream, and the state of its ledger.
type testPeer struct {
	t      *testing.T
	stream peer.Chaincode_ConnectClient
	state  map[string][]byte
}

func connect(t *testing.T) *testPeer {
	plain := grpc.WithTransportCredentials(insecure.NewCredentials())
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	connection, err := grpc.NewClient(address, plain)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	stream, err := peer.NewChaincodeClient(connection).Connect(ctx, grpc.WaitForReady(true))
	if err != nil {
		t.Fatal(err)
	}
	p := &testPeer{t: t, stream: stream, state: map[string][]byte{}}
	var id peer.ChaincodeID
	p.decode(p.receive(), &id)
	if id.Name != chaincodeID {
		t.Fatalf("registered as %q, want %q", id.Name, chaincodeID)
	}
	p.send(peer.ChaincodeMessage_REGISTERED, nil)
	p.send(peer.ChaincodeMessage_READY, nil)
	return p
}

// run makes one transaction and commits what it wrote, unless the chaincode refused it.
// It returns the answer and the number of keys written.
func (p *testPeer) run(kind peer.ChaincodeMessage_Type, args ...string) (*peer.Response, int) {
	p.t.Helper()
	input := &peer.ChaincodeInput{}
	for _, arg := range args {
		input.Args = append(input.Args, []byte(arg))
	}
	payload, err := proto.Marshal(input)
	if err != nil {
		p.t.Fatal(err)
	}
	p.send(kind, payload)

	writes := map[string][]byte{}
	for {
		message := p.receive()
		switch message.Type {
		case peer.ChaincodeMessage_GET_STATE:
			var get peer.GetState
			p.decode(message, &get)
			p.send(peer.ChaincodeMessage_RESPONSE, p.state[get.Key])
		case peer.ChaincodeMessage_PUT_STATE:
			var put peer.PutState
			p.decode(message, &put)
			writes[put.Key] = put.Value
			p.send(peer.ChaincodeMessage_RESPONSE, nil)
		case peer.ChaincodeMessage_COMPLETED:
			response := &peer.Response{}
			p.decode(message, response)
			if response.Status < 400 {
				for key, value := range writes {
					p.state[key] = value
				}
			}
			return response, len(writes)
		default:
			p.t.Fatalf("the chaincode sent %s: %s", message.Type, message.Payload)
		}
	}
}

// want runs one transaction that has to succeed with this answer and write this many keys.
func (p *testPeer) want(answer string, writes int, args ...string) {
	p.t.Helper()
	response, written := p.run(peer.ChaincodeMessage_TRANSACTION, args...)
	if response.Status != 200 || string(response.Payload) != answer || written != writes {
		p.t.Errorf("%q answered %d %q %q and wrote %d keys, want %q and %d keys",
			args, response.Status, response.Message, response.Payload, written, answer, writes)
	}
}

// wantError runs one transaction that has to be refused with this message, before it writes.
func (p *testPeer) wantError(message string, args ...string) {
	p.t.Helper()
	response, written := p.run(peer.ChaincodeMessage_TRANSACTION, args...)
	if response.Status != 500 || response.Message != message || written != 0 {
		p.t.Errorf("%q answered %d %q and wrote %d keys, want 500 %q and none",
			args, response.Status, response.Message, written, message)
	}
}

func (p *testPeer) receive() *peer.ChaincodeMessage {
	p.t.Helper()
	message, err := p.stream.Recv()
	if err != nil {
		p.t.Fatalf("the chaincode ended the stream: %v", err)
	}
	return message
}

func (p *testPeer) send(kind peer.ChaincodeMessage_Type, payload []byte) {
	p.t.Helper()
	message := &peer.ChaincodeMessage{Type: kind, Payload: payload, Txid: "tx", ChannelId: "common"}
	if err := p.stream.Send(message); err != nil {
		p.t.Fatal(err)
	}
}

func (p *testPeer) decode(message *peer.ChaincodeMessage, into proto.Message) {
	p.t.Helper()
	if err := proto.Unmarshal(message.Payload, into); err != nil {
		p.t.Fatal(err)
	}
}

func TestInitAcceptsAnything(t *testing.T) {
	response, writes := connect(t).run(peer.ChaincodeMessage_INIT, "init", "\xff")
	if response.Status != 200 || writes != 0 {
		t.Errorf("answered %d %q and wrote %d keys", response.Status, response.Message, writes)
	}
}

func TestPing(t *testing.T) {
	connect(t).want("pong even-simpler", 0, "ping")
}

func TestCountersCountOnTheirOwn(t *testing.T) {
	p := connect(t)
	p.want("0", 0, "read", "apples")
	p.want("1", 1, "increment", "apples")
	p.want("42", 1, "increment", "apples", "41")
	p.want("1", 1, "increment", "pears")
	p.want("42", 0, "read", "apples")
	p.want("1", 0, "read", "pears")
}

func TestACountNeverOverflows(t *testing.T) {
	p := connect(t)
	p.want("18446744073709551615", 1, "increment", "apples", "18446744073709551615")
	p.wantError(`the counter "apples" is at 18446744073709551615 and cannot be incremented by 1`,
		"increment", "apples")
	p.want("18446744073709551615", 0, "read", "apples")
}

func TestWrongCallsAreRefused(t *testing.T) {
	p := connect(t)
	known := ": even-simpler has ping, increment name [by], read name"
	p.wantError(`there is no function "" with 0 arguments` + known)
	p.wantError(`there is no function "\xff" with 0 arguments`+known, "\xff")
	p.wantError(`there is no function "ping" with 1 arguments`+known, "ping", "a")
	p.wantError(`there is no function "increment" with 0 arguments`+known, "increment")
	p.wantError(`there is no function "read" with 2 arguments`+known, "read", "a", "b")
	for _, by := range []string{"", "-1", "1.5", "one", "18446744073709551616"} {
		p.wantError(`increment takes a whole number that is not negative, not "`+by+`"`,
			"increment", "a", by)
	}
	for _, function := range []string{"read", "increment"} {
		p.wantError(`the name of a counter is UTF-8 text that is not empty, not ""`, function, "")
		p.wantError(`the name of a counter is UTF-8 text that is not empty, not "\xff"`, function, "\xff")
	}
}

func TestAnotherValueIsNoCount(t *testing.T) {
	p := connect(t)
	p.state["apples"] = []byte("green")
	p.wantError(`the counter "apples" holds "green", which is no count`, "read", "apples")
}
