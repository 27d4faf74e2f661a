// Even-simpler keeps counters, each with a name, and fits on one page.
//
// This file serves it to the peers, counter.go is what it does. It is chaincode as a service: the
// peers dial this process. It uses Fabric's shim without the contract API above it: less to read
// and to compile.
package main

import (
	"log"
	"os"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
)

func main() {
	id := os.Getenv("CHAINCODE_ID")
	if id == "" {
		log.Fatal("CHAINCODE_ID is not set: give it the package ID that the peers know this chaincode by")
	}
	address := os.Getenv("CHAINCODE_SERVER_ADDRESS")
	if address == "" {
		address = "0.0.0.0:7052"
	}

	server := shim.ChaincodeServer{
		CCID:     id,
		Address:  address,
		CC:       evenSimpler{},
		TLSProps: shim.TLSProperties{Disabled: true},
	}
	log.Printf("serving %s on %s", id, address)
	err := server.Start()
	log.Fatalf("even-simpler cannot serve on %s: %v", address, err)
}
