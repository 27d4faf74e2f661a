// Command kubernetes_provider is the Pulumi provider for Kubernetes, for machines without a released one.
//
// It serves the schema that its module carries; make it with
//
//	go build -o pulumi-resource-kubernetes
//
// and lay the module's schema.json beside the executable as kubernetes-schema.json.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
)

// version is the provider's release; the linker sets it (-X main.version=...).
var version string

func main() {
	self, err := os.Executable()
	if err != nil {
		fail(err)
	}
	schema, err := os.ReadFile(filepath.Join(filepath.Dir(self), "kubernetes-schema.json"))
	if err != nil {
		fail(err)
	}
	provider.Serve("kubernetes", version, schema, []byte("{}"))
}

func fail(err error) {
	fmt.Fprintf(os.Stderr, "pulumi-resource-kubernetes: %v\n", err)
	os.Exit(1)
}
