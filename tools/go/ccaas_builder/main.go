// Command ccaas_builder is Fabric's external builder for chaincode as a service.
//
// It follows the contract of external builders in Fabric's documentation ("External Builders and
// Launchers", "Running Chaincode as an External Service") and stands in for the builder that Fabric's
// peer image carries, which is no Go module of its own. A peer calls it under three names:
//
//	detect  SOURCE METADATA         does the package say type "ccaas"?
//	build   SOURCE METADATA OUTPUT  keep connection.json, its templates filled in, and META-INF
//	release OUTPUT RELEASE          hand connection.json and the database indexes to the peer
//
// Templates in connection.json, such as {{.peername}}, are filled in from the JSON object in the
// environment variable CHAINCODE_AS_A_SERVICE_BUILDER_CONFIG, when the peer passes one on.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if err := run(filepath.Base(os.Args[0]), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(name string, args []string) error {
	switch {
	case name == "detect" && len(args) == 2:
		return detect(args[1])
	case name == "build" && len(args) == 3:
		return build(args[0], args[2], os.Getenv("CHAINCODE_AS_A_SERVICE_BUILDER_CONFIG"))
	case name == "release" && len(args) == 2:
		return release(args[0], args[1])
	default:
		return fmt.Errorf("%s: called with %d arguments, which no external builder is", name, len(args))
	}
}
