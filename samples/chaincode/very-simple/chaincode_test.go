package main

import (
	"strings"
	"testing"

	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
)

// want runs one transaction that has to succeed, with exactly this answer.
func want(p *testPeer, answer string, args ...string) {
	p.t.Helper()
	response, _ := p.invoke(args...)
	if response.Status != 200 || string(response.Payload) != answer {
		p.t.Errorf("%q answered %d %q %q, want %q",
			args, response.Status, response.Message, response.Payload, answer)
	}
}

// wantError runs one transaction that has to be refused with exactly this message and no writes.
func wantError(p *testPeer, message string, args ...string) {
	p.t.Helper()
	response, writes := p.invoke(args...)
	if response.Status != 500 || response.Message != message || writes != 0 {
		p.t.Errorf("%q answered %d %q and wrote %d keys, want 500 %q and none",
			args, response.Status, response.Message, writes, message)
	}
}

func TestRegistersAsItsPackageID(t *testing.T) {
	if id := connect(t).registeredAs; id != chaincodeID {
		t.Errorf("registered as %q, want %q", id, chaincodeID)
	}
}

func TestInitAcceptsAnything(t *testing.T) {
	for _, args := range [][]string{{}, {"init", "whatever"}, {"\xff"}} {
		response, writes := connect(t).run(peer.ChaincodeMessage_INIT, args)
		if response.Status != 200 || writes != 0 {
			t.Errorf("init %q answered %d %q and wrote %d keys",
				args, response.Status, response.Message, writes)
		}
	}
}

func TestPingWritesNothing(t *testing.T) {
	response, writes := connect(t).invoke("ping")
	if string(response.Payload) != "pong very-simple" || writes != 0 {
		t.Errorf("ping answered %q and wrote %d keys", response.Payload, writes)
	}
}

func TestPutGetDelete(t *testing.T) {
	p := connect(t)
	wantError(p, `there is no key "colour"`, "get", "colour")
	want(p, "", "put", "colour", "green")
	want(p, "green", "get", "colour")
	want(p, "", "put", "colour", "grün & blau")
	want(p, "grün & blau", "get", "colour")
	want(p, "", "delete", "colour")
	wantError(p, `there is no key "colour"`, "get", "colour")
	want(p, "", "delete", "colour")
}

func TestListIsInOrderOfKeysAndStopsBeforeTo(t *testing.T) {
	p := connect(t)
	want(p, `[]`, "list")
	for _, key := range []string{"c", "a", "b"} {
		want(p, "", "put", key, strings.ToUpper(key))
	}
	a, b, c := `{"key":"a","value":"A"}`, `{"key":"b","value":"B"}`, `{"key":"c","value":"C"}`
	want(p, "["+a+","+b+","+c+"]", "list")
	want(p, "["+b+","+c+"]", "list", "b")
	want(p, "["+b+"]", "list", "b", "c")
	want(p, "["+a+","+b+"]", "list", "", "c")
	want(p, `[]`, "list", "d")
}

func TestHistoryIsLatestFirstAndShowsDeletions(t *testing.T) {
	p := connect(t)
	want(p, `[]`, "history", "colour")
	want(p, "", "put", "colour", "green")
	want(p, "", "put", "other", "key")
	want(p, "", "delete", "colour")
	want(p, `[{"transaction":"tx4","timestamp":"1970-01-01T00:00:04Z","value":"","deleted":true},`+
		`{"transaction":"tx2","timestamp":"1970-01-01T00:00:02Z","value":"green","deleted":false}]`,
		"history", "colour")
}

func TestUnknownFunctionsAreToldWhichThereAre(t *testing.T) {
	p := connect(t)
	known := "very-simple has ping, put key value, get key, delete key, list [from] [to], history key, find selector"
	wantError(p, `there is no function "": `+known)
	wantError(p, `there is no function "": `+known, "")
	wantError(p, `there is no function "Put": `+known, "Put", "a", "b")
	wantError(p, `there is no function "\xff": `+known, "\xff")
}

func TestWrongArgumentsAreRefused(t *testing.T) {
	for _, call := range []struct {
		message string
		args    []string
	}{
		{"ping takes no arguments", []string{"ping", "a"}},
		{"put takes a key and a value, and neither may be empty", []string{"put", "a"}},
		{"put takes a key and a value, and neither may be empty", []string{"put", "a", "b", "c"}},
		{"put takes a key and a value, and neither may be empty", []string{"put", "", "b"}},
		{"put takes a key and a value, and neither may be empty", []string{"put", "a", ""}},
		{"get takes a key, which may not be empty", []string{"get"}},
		{"get takes a key, which may not be empty", []string{"get", ""}},
		{"delete takes a key, which may not be empty", []string{"delete"}},
		{"delete takes a key, which may not be empty", []string{"delete", ""}},
		{"history takes a key, which may not be empty", []string{"history"}},
		{"history takes a key, which may not be empty", []string{"history", ""}},
		{
			"list takes at most two keys: the first one, and the one to stop before",
			[]string{"list", "a", "b", "c"},
		},
		{`the argument "\xff" is not UTF-8 text`, []string{"put", "\xff", "b"}},
		{`the argument "\xff" is not UTF-8 text`, []string{"put", "a", "\xff"}},
	} {
		wantError(connect(t), call.message, call.args...)
	}
}

func TestFind(t *testing.T) {
	p := connect(t)
	p.found = map[string]string{`{"selector":{"owner":"ann"}}`: "car"}
	want(p, "", "put", "car", `{"owner":"ann"}`)
	want(p, `[{"key":"car","value":"{\"owner\":\"ann\"}"}]`, "find", `{"selector":{"owner":"ann"}}`)
	wantError(p, `find takes a query, as in {"selector":{"owner":"ann"}}`, "find")
	wantError(p, "the state database does not answer the query, which is for CouchDB: "+notCouchDB,
		"find", "{}")
}
