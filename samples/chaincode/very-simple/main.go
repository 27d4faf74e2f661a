// Very-simple is a key-value ledger, meant to be the first chaincode that somebody reads.
//
// This file serves it to the peers, chaincode.go is what it does. It is chaincode as a service: the
// peers dial this process. It uses Fabric's shim without the contract API above it: less to read
// and to compile.
package main

import (
	"log"
	"os"
	"strconv"

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
		CC:       verySimple{},
		TLSProps: tlsProperties(),
	}
	log.Printf("serving %s on %s", id, address)
	err := server.Start()
	log.Fatalf("very-simple cannot serve on %s: %v", address, err)
}

// tlsProperties asks the environment, as Fabric's samples do. Without CHAINCODE_TLS_DISABLED the
// server speaks no TLS.
func tlsProperties() shim.TLSProperties {
	setting := os.Getenv("CHAINCODE_TLS_DISABLED")
	if setting == "" {
		return shim.TLSProperties{Disabled: true}
	}
	disabled, err := strconv.ParseBool(setting)
	if err != nil {
		log.Fatalf("CHAINCODE_TLS_DISABLED is %q: make it true or false", setting)
	}
	if disabled {
		return shim.TLSProperties{Disabled: true}
	}
	return shim.TLSProperties{
		Key:  contentOf("CHAINCODE_TLS_KEY"),
		Cert: contentOf("CHAINCODE_TLS_CERT"),
	}
}

// contentOf reads the file that a variable names.
func contentOf(variable string) []byte {
	content, err := os.ReadFile(os.Getenv(variable))
	if err != nil {
		log.Fatalf("%s does not name a file that can be read: %v", variable, err)
	}
	return content
}
