package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestWithoutTheVariableThereIsNoTLS(t *testing.T) {
	for _, setting := range []string{"", "true"} {
		t.Setenv("CHAINCODE_TLS_DISABLED", setting)
		if properties := tlsProperties(); !properties.Disabled {
			t.Errorf("CHAINCODE_TLS_DISABLED=%s makes the server speak TLS", setting)
		}
	}
}

func TestKeyAndCertificateAreReadFromFiles(t *testing.T) {
	t.Setenv("CHAINCODE_TLS_DISABLED", "false")
	for _, variable := range []string{"CHAINCODE_TLS_KEY", "CHAINCODE_TLS_CERT"} {
		file := filepath.Join(t.TempDir(), variable)
		if err := os.WriteFile(file, []byte("of "+variable), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Setenv(variable, file)
	}
	properties := tlsProperties()
	if properties.Disabled || properties.ClientCACerts != nil {
		t.Errorf("no TLS, or it asks peers for certificates: %+v", properties)
	}
	key, certificate := string(properties.Key), string(properties.Cert)
	if key != "of CHAINCODE_TLS_KEY" || certificate != "of CHAINCODE_TLS_CERT" {
		t.Errorf("the key is %q and the certificate %q", key, certificate)
	}
}
