package main

import (
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
)

type evenSimpler struct{}

// Init is called by the old lifecycle at instantiate and upgrade, and there is nothing to set up.
func (evenSimpler) Init(shim.ChaincodeStubInterface) *peer.Response {
	return shim.Success(nil)
}

// Invoke runs one transaction. A counter that was never incremented reads 0.
func (evenSimpler) Invoke(stub shim.ChaincodeStubInterface) *peer.Response {
	function, args := stub.GetFunctionAndParameters()
	switch {
	case function == "ping" && len(args) == 0:
		return shim.Success([]byte("pong even-simpler"))
	case function == "increment" && len(args) == 1:
		return answer(increment(stub, args[0], "1"))
	case function == "increment" && len(args) == 2:
		return answer(increment(stub, args[0], args[1]))
	case function == "read" && len(args) == 1:
		return answer(read(stub, args[0]))
	}
	return shim.Error(fmt.Sprintf("there is no function %q with %d arguments: even-simpler has"+
		" ping, increment name [by], read name", function, len(args)))
}

// increment answers with the new count. Of two increments of one counter in the same block, Fabric
// makes the later one invalid (MVCC_READ_CONFLICT), and its client tries again.
func increment(stub shim.ChaincodeStubInterface, name, by string) (uint64, error) {
	step, err := strconv.ParseUint(by, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("increment takes a whole number that is not negative, not %q", by)
	}
	count, err := read(stub, name)
	if err != nil {
		return 0, err
	}
	if step > math.MaxUint64-count {
		return 0, fmt.Errorf("the counter %q is at %d and cannot be incremented by %d", name, count, step)
	}
	return count + step, stub.PutState(name, []byte(strconv.FormatUint(count+step, 10)))
}

func read(stub shim.ChaincodeStubInterface, name string) (uint64, error) {
	// The shim ends the whole process when a key is not UTF-8.
	if name == "" || !utf8.ValidString(name) {
		return 0, fmt.Errorf("the name of a counter is UTF-8 text that is not empty, not %q", name)
	}
	value, err := stub.GetState(name)
	if err != nil || value == nil {
		return 0, err
	}
	count, err := strconv.ParseUint(string(value), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("the counter %q holds %q, which is no count", name, value)
	}
	return count, nil
}

func answer(count uint64, err error) *peer.Response {
	if err != nil {
		return shim.Error(err.Error())
	}
	return shim.Success([]byte(strconv.FormatUint(count, 10)))
}
