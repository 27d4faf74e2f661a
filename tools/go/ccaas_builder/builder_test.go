package main

import (
	"os"
	"path/filepath"
	"testing"
)

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestDetect(t *testing.T) {
	for content, wanted := range map[string]bool{
		`{"type":"ccaas","label":"a"}`: true,
		`{"type":"golang"}`:            false,
		`not JSON`:                     false,
	} {
		metadata := t.TempDir()
		write(t, filepath.Join(metadata, "metadata.json"), content)
		if err := run("detect", []string{t.TempDir(), metadata}); (err == nil) != wanted {
			t.Errorf("detect of %s: %v", content, err)
		}
	}
}

func TestBuildAndRelease(t *testing.T) {
	source, output, release := t.TempDir(), t.TempDir(), t.TempDir()
	write(t, filepath.Join(source, "connection.json"), `{"address":"{{.peername}}-cc:9999","dial_timeout":"10s"}`)
	write(t, filepath.Join(source, "META-INF/statedb/couchdb/indexes/owner.json"), `{"index":{}}`)
	t.Setenv("CHAINCODE_AS_A_SERVICE_BUILDER_CONFIG", `{"peername":"karga"}`)
	if err := run("build", []string{source, t.TempDir(), output}); err != nil {
		t.Fatal(err)
	}
	if err := run("release", []string{output, release}); err != nil {
		t.Fatal(err)
	}
	connection := read(t, filepath.Join(release, "chaincode/server/connection.json"))
	if wanted := `{"address":"karga-cc:9999","dial_timeout":"10s"}`; connection != wanted {
		t.Errorf("connection.json is %s", connection)
	}
	if index := read(t, filepath.Join(release, "statedb/couchdb/indexes/owner.json")); index != `{"index":{}}` {
		t.Errorf("the index is %s", index)
	}
}

func TestBuildRefuses(t *testing.T) {
	for name, test := range map[string]struct{ connection, config string }{
		"no connection.json": {"", ""},
		"an unknown name":    {`{"address":"{{.other}}"}`, `{"peername":"karga"}`},
		"a wrong setting":    {`{"address":"a"}`, `peername=karga`},
	} {
		source := t.TempDir()
		if test.connection != "" {
			write(t, filepath.Join(source, "connection.json"), test.connection)
		}
		if err := build(source, t.TempDir(), test.config); err == nil {
			t.Errorf("build accepts %s", name)
		}
	}
}
