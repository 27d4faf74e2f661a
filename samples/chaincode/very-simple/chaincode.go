package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
)

const functions = "ping, put key value, get key, delete key, list [from] [to], history key, find selector"

// verySimple has no fields: whatever a chaincode remembers belongs into the ledger, where all
// peers agree on it.
type verySimple struct{}

// entry is one key of the answer to list and to find.
type entry struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// modification is one step of the answer to history. Timestamp is the clock of the client that
// proposed the transaction.
type modification struct {
	Transaction string    `json:"transaction"`
	Timestamp   time.Time `json:"timestamp"`
	Value       string    `json:"value"`
	Deleted     bool      `json:"deleted"`
}

// Init is called by the old lifecycle at instantiate and upgrade, and there is nothing to set up.
func (verySimple) Init(shim.ChaincodeStubInterface) *peer.Response {
	return shim.Success(nil)
}

// Invoke runs one transaction. Every endorsing peer runs it on its own, and their answers and
// writes must be equal: no clock, no random numbers, nothing from outside the ledger.
func (verySimple) Invoke(stub shim.ChaincodeStubInterface) *peer.Response {
	payload, err := call(stub)
	if err != nil {
		return shim.Error(err.Error())
	}
	return shim.Success(payload)
}

func call(stub shim.ChaincodeStubInterface) ([]byte, error) {
	function, args := stub.GetFunctionAndParameters()
	for _, arg := range args {
		// The shim ends the whole process when a key is not UTF-8.
		if !utf8.ValidString(arg) {
			return nil, fmt.Errorf("the argument %q is not UTF-8 text", arg)
		}
	}
	switch function {
	case "ping":
		return ping(args)
	case "put":
		return put(stub, args)
	case "get":
		return get(stub, args)
	case "delete":
		return remove(stub, args)
	case "list":
		return list(stub, args)
	case "history":
		return history(stub, args)
	case "find":
		return find(stub, args)
	}
	return nil, fmt.Errorf("there is no function %q: very-simple has %s", function, functions)
}

// ping shows that the chaincode runs. It answers with its name, not with CHAINCODE_ID: package
// IDs may differ between organizations, and then the answers of their peers would.
func ping(args []string) ([]byte, error) {
	if len(args) != 0 {
		return nil, errors.New("ping takes no arguments")
	}
	return []byte("pong very-simple"), nil
}

func put(stub shim.ChaincodeStubInterface, args []string) ([]byte, error) {
	// Fabric takes the write of an empty value for a deletion.
	if len(args) != 2 || args[0] == "" || args[1] == "" {
		return nil, errors.New("put takes a key and a value, and neither may be empty")
	}
	return nil, stub.PutState(args[0], []byte(args[1]))
}

func get(stub shim.ChaincodeStubInterface, args []string) ([]byte, error) {
	if len(args) != 1 || args[0] == "" {
		return nil, errors.New("get takes a key, which may not be empty")
	}
	value, err := stub.GetState(args[0])
	if err != nil {
		return nil, err
	}
	if value == nil {
		return nil, fmt.Errorf("there is no key %q", args[0])
	}
	return value, nil
}

// remove answers to delete, a word that Go keeps for itself. To delete an absent key is no error.
func remove(stub shim.ChaincodeStubInterface, args []string) ([]byte, error) {
	if len(args) != 1 || args[0] == "" {
		return nil, errors.New("delete takes a key, which may not be empty")
	}
	return nil, stub.DelState(args[0])
}

// list answers with the entries in order of their keys, as JSON: from is the first key of them,
// to the first one after them, and an empty one is no limit. The peer ends a list at its
// ledger.state.totalQueryLimit, 100000 by default.
func list(stub shim.ChaincodeStubInterface, args []string) ([]byte, error) {
	var from, to string
	switch len(args) {
	case 0:
	case 1:
		from = args[0]
	case 2:
		from, to = args[0], args[1]
	default:
		return nil, errors.New("list takes at most two keys: the first one, and the one to stop before")
	}
	results, err := stub.GetStateByRange(from, to)
	if err != nil {
		return nil, err
	}
	return collect(results)
}

// find answers like list, with the entries whose values are JSON objects that fit a CouchDB query
// such as {"selector":{"owner":"ann"}}. It needs CouchDB as state database, and is for queries:
// Fabric does not check at commit whether the answer is still the same.
func find(stub shim.ChaincodeStubInterface, args []string) ([]byte, error) {
	if len(args) != 1 || args[0] == "" {
		return nil, errors.New(`find takes a query, as in {"selector":{"owner":"ann"}}`)
	}
	results, err := stub.GetQueryResult(args[0])
	if err != nil {
		return nil, fmt.Errorf("the state database does not answer the query, which is for CouchDB: %w", err)
	}
	return collect(results)
}

func collect(results shim.StateQueryIteratorInterface) ([]byte, error) {
	defer results.Close()

	entries := []entry{}
	for results.HasNext() {
		result, err := results.Next()
		if err != nil {
			return nil, err
		}
		entries = append(entries, entry{Key: result.Key, Value: string(result.Value)})
	}
	return json.Marshal(entries)
}

// history answers with every modification of a key, the latest first, as JSON. The peers must keep
// it (ledger.history.enableHistoryDatabase). It is for queries: Fabric does not check at commit
// whether the history is still what a transaction has read.
func history(stub shim.ChaincodeStubInterface, args []string) ([]byte, error) {
	if len(args) != 1 || args[0] == "" {
		return nil, errors.New("history takes a key, which may not be empty")
	}
	results, err := stub.GetHistoryForKey(args[0])
	if err != nil {
		return nil, err
	}
	defer results.Close()

	modifications := []modification{}
	for results.HasNext() {
		result, err := results.Next()
		if err != nil {
			return nil, err
		}
		modifications = append(modifications, modification{
			Transaction: result.TxId,
			Timestamp:   result.Timestamp.AsTime(),
			Value:       string(result.Value),
			Deleted:     result.IsDelete,
		})
	}
	return json.Marshal(modifications)
}
