package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"text/template"
)

// detect says by an error that the package is not one of chaincode as a service.
func detect(metadata string) error {
	var described struct {
		Type string `json:"type"`
	}
	if err := readJSON(filepath.Join(metadata, "metadata.json"), &described); err != nil {
		return err
	}
	if described.Type != "ccaas" {
		return fmt.Errorf("the chaincode is of type %q, not ccaas", described.Type)
	}
	return nil
}

// build writes what release needs into output: connection.json and, if there is one, META-INF.
func build(source, output, config string) error {
	var connection map[string]any
	if err := readJSON(filepath.Join(source, "connection.json"), &connection); err != nil {
		return err
	}
	if config != "" {
		values := map[string]string{}
		if err := json.Unmarshal([]byte(config), &values); err != nil {
			return fmt.Errorf("CHAINCODE_AS_A_SERVICE_BUILDER_CONFIG is not a JSON object of strings: %w", err)
		}
		if err := fillIn(connection, values); err != nil {
			return err
		}
	}
	content, err := json.Marshal(connection)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(output, "connection.json"), content, 0o644); err != nil {
		return err
	}
	return copyTree(filepath.Join(source, "META-INF"), filepath.Join(output, "META-INF"))
}

// release lays the files where a peer looks for them.
func release(output, release string) error {
	server := filepath.Join(release, "chaincode", "server")
	if err := os.MkdirAll(server, 0o755); err != nil {
		return err
	}
	content, err := os.ReadFile(filepath.Join(output, "connection.json"))
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(server, "connection.json"), content, 0o644); err != nil {
		return err
	}
	return copyTree(filepath.Join(output, "META-INF", "statedb"), filepath.Join(release, "statedb"))
}

// fillIn replaces every text of connection by what its template says.
func fillIn(connection map[string]any, values map[string]string) error {
	for key, value := range connection {
		text, isText := value.(string)
		if !isText {
			continue
		}
		parsed, err := template.New(key).Option("missingkey=error").Parse(text)
		if err != nil {
			return fmt.Errorf("connection.json, %s: %w", key, err)
		}
		var filled bytes.Buffer
		if err := parsed.Execute(&filled, values); err != nil {
			return fmt.Errorf("connection.json, %s: %w", key, err)
		}
		connection[key] = filled.String()
	}
	return nil
}

func readJSON(path string, into any) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(content, into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// copyTree copies a folder, and nothing where there is none.
func copyTree(from, to string) error {
	if _, err := os.Stat(from); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return os.CopyFS(to, os.DirFS(from))
}
