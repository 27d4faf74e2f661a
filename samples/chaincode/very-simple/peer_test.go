package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"os"
	"sort"
	"testing"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/ledger/queryresult"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

const chaincodeID = "very-simple_1.0:0123456789abcdef"

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

// testPeer is the peer's end of one chaincode stream, and a ledger with one transaction a block.
// It follows core/chaincode/handler.go of Fabric 2.5.
type testPeer struct {
	t            *testing.T
	stream       peer.Chaincode_ConnectClient
	registeredAs string
	transactions int
	state        map[string][]byte
	history      map[string][]*queryresult.KeyModification
	// found has the key that answers a query; any other gets LevelDB's answer.
	found map[string]string
}

const notCouchDB = "ExecuteQuery not supported for leveldb"

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
	p := &testPeer{
		t:       t,
		stream:  stream,
		state:   map[string][]byte{},
		history: map[string][]*queryresult.KeyModification{},
	}
	var id peer.ChaincodeID
	p.decode(p.receive(peer.ChaincodeMessage_REGISTER), &id)
	p.registeredAs = id.Name
	p.send(peer.ChaincodeMessage_REGISTERED, nil)
	p.send(peer.ChaincodeMessage_READY, nil)
	return p
}

// invoke runs one transaction and commits what it wrote, unless the chaincode refused it.
// It returns the answer and the number of keys written.
func (p *testPeer) invoke(args ...string) (*peer.Response, int) {
	return p.run(peer.ChaincodeMessage_TRANSACTION, args)
}

func (p *testPeer) run(kind peer.ChaincodeMessage_Type, args []string) (*peer.Response, int) {
	p.t.Helper()
	input := &peer.ChaincodeInput{}
	for _, arg := range args {
		input.Args = append(input.Args, []byte(arg))
	}
	p.transactions++
	p.send(kind, input)

	writes := map[string][]byte{}
	for {
		message, err := p.stream.Recv()
		if err != nil {
			p.t.Fatalf("the chaincode ended the stream: %v", err)
		}
		switch message.Type {
		case peer.ChaincodeMessage_GET_STATE:
			var get peer.GetState
			p.decode(message, &get)
			p.respond(p.state[get.Key])
		case peer.ChaincodeMessage_PUT_STATE:
			var put peer.PutState
			p.decode(message, &put)
			writes[put.Key] = put.Value
			p.respond(nil)
		case peer.ChaincodeMessage_DEL_STATE:
			var del peer.DelState
			p.decode(message, &del)
			writes[del.Key] = nil
			p.respond(nil)
		case peer.ChaincodeMessage_GET_STATE_BY_RANGE:
			var query peer.GetStateByRange
			p.decode(message, &query)
			p.respond(p.encode(p.inRange(query.StartKey, query.EndKey)))
		case peer.ChaincodeMessage_GET_HISTORY_FOR_KEY:
			var query peer.GetHistoryForKey
			p.decode(message, &query)
			p.respond(p.encode(p.modificationsOf(query.Key)))
		case peer.ChaincodeMessage_GET_QUERY_RESULT:
			var query peer.GetQueryResult
			p.decode(message, &query)
			key, ok := p.found[query.Query]
			if !ok {
				p.sendBytes(peer.ChaincodeMessage_ERROR, []byte(notCouchDB))
				continue
			}
			p.respond(p.encode(p.inRange(key, key+"\x00")))
		case peer.ChaincodeMessage_QUERY_STATE_CLOSE:
			p.respond(p.encode(&peer.QueryResponse{}))
		case peer.ChaincodeMessage_COMPLETED:
			response := &peer.Response{}
			p.decode(message, response)
			if response.Status < 400 {
				p.commit(writes)
			}
			return response, len(writes)
		default:
			p.t.Fatalf("the chaincode sent %s: %s", message.Type, message.Payload)
		}
	}
}

func (p *testPeer) commit(writes map[string][]byte) {
	for key, value := range writes {
		// As in Fabric's rwsetutil.IsKVWriteDelete.
		deleted := len(value) == 0
		if deleted {
			delete(p.state, key)
		} else {
			p.state[key] = value
		}
		p.history[key] = append(p.history[key], &queryresult.KeyModification{
			TxId:      p.transactionID(),
			Value:     value,
			Timestamp: &timestamppb.Timestamp{Seconds: int64(p.transactions)},
			IsDelete:  deleted,
		})
	}
}

func (p *testPeer) inRange(from, to string) *peer.QueryResponse {
	keys := []string{}
	for key := range p.state {
		if key >= from && (to == "" || key < to) {
			keys = append(keys, key)
		}
	}
	sort.Strings(keys)
	response := &peer.QueryResponse{Id: "query"}
	for _, key := range keys {
		result := p.encode(&queryresult.KV{Key: key, Value: p.state[key]})
		response.Results = append(response.Results, &peer.QueryResultBytes{ResultBytes: result})
	}
	return response
}

func (p *testPeer) modificationsOf(key string) *peer.QueryResponse {
	response := &peer.QueryResponse{Id: "query"}
	for i := len(p.history[key]) - 1; i >= 0; i-- {
		result := p.encode(p.history[key][i])
		response.Results = append(response.Results, &peer.QueryResultBytes{ResultBytes: result})
	}
	return response
}

func (p *testPeer) transactionID() string {
	return fmt.Sprintf("tx%d", p.transactions)
}

func (p *testPeer) receive(kind peer.ChaincodeMessage_Type) *peer.ChaincodeMessage {
	p.t.Helper()
	message, err := p.stream.Recv()
	if err != nil {
		p.t.Fatal(err)
	}
	if message.Type != kind {
		p.t.Fatalf("the chaincode sent %s instead of %s", message.Type, kind)
	}
	return message
}

func (p *testPeer) send(kind peer.ChaincodeMessage_Type, content proto.Message) {
	p.t.Helper()
	p.sendBytes(kind, p.encode(content))
}

func (p *testPeer) respond(payload []byte) {
	p.t.Helper()
	p.sendBytes(peer.ChaincodeMessage_RESPONSE, payload)
}

func (p *testPeer) sendBytes(kind peer.ChaincodeMessage_Type, payload []byte) {
	p.t.Helper()
	message := &peer.ChaincodeMessage{
		Type: kind, Payload: payload, Txid: p.transactionID(), ChannelId: "common",
	}
	if err := p.stream.Send(message); err != nil {
		p.t.Fatal(err)
	}
}

func (p *testPeer) encode(content proto.Message) []byte {
	p.t.Helper()
	if content == nil {
		return nil
	}
	bytes, err := proto.Marshal(content)
	if err != nil {
		p.t.Fatal(err)
	}
	return bytes
}

func (p *testPeer) decode(message *peer.ChaincodeMessage, into proto.Message) {
	p.t.Helper()
	if err := proto.Unmarshal(message.Payload, into); err != nil {
		p.t.Fatal(err)
	}
}
