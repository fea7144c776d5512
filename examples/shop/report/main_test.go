package main

import (
	"context"
	"net"
	"testing"
	"time"
)

func TestDayIsYesterdayInUTC(t *testing.T) {
	zone := time.FixedZone("east", 3*60*60)
	if got := day(time.Date(2026, 3, 1, 1, 0, 0, 0, zone)); got != "2026-02-27" {
		t.Errorf("got %s", got)
	}
}

func TestRunReachesTheDatabase(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host, port, _ := net.SplitHostPort(listener.Addr().String())
	env := map[string]string{"DB_HOST": host, "DB_PORT": port}
	if err := run(context.Background(), func(name string) string { return env[name] }, time.Now()); err != nil {
		t.Errorf("with a database: %v", err)
	}
	listener.Close()
	if run(context.Background(), func(name string) string { return env[name] }, time.Now()) == nil {
		t.Error("without a database there must be an error")
	}
}
