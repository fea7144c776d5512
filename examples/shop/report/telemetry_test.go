package main

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func TestSuccessReachesTheCollectorUnderItsName(t *testing.T) {
	var path string
	var got export
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, request *http.Request) {
		path = request.URL.Path
		if err := json.NewDecoder(request.Body).Decode(&got); err != nil {
			t.Error(err)
		}
	}))
	defer collector.Close()
	env := map[string]string{
		"OTEL_SERVICE_NAME":           "report",
		"OTEL_EXPORTER_OTLP_ENDPOINT": collector.URL + "/",
		"OTEL_RESOURCE_ATTRIBUTES":    "deployment.environment.name=test, team=caf%C3%A9, odd=%zz",
	}
	now := time.Unix(1_772_323_200, 0)
	if err := reportSuccess(context.Background(), func(name string) string { return env[name] }, now); err != nil {
		t.Fatal(err)
	}
	if path != "/v1/metrics" {
		t.Errorf("path: got %s", path)
	}
	sent := got.ResourceMetrics[0]
	who := map[string]string{}
	for _, attribute := range sent.Resource.Attributes {
		who[attribute.Key] = attribute.Value.StringValue
	}
	want := map[string]string{"service.name": "report", "deployment.environment.name": "test", "team": "café"}
	for key, value := range want {
		if who[key] != value {
			t.Errorf("%s: got %q, want %q", key, who[key], value)
		}
	}
	if _, found := who["odd"]; found {
		t.Error("an attribute that cannot be read was sent")
	}
	success := sent.ScopeMetrics[0].Metrics[0]
	if success.Name != "job.last_success.timestamp" || success.Unit != "s" {
		t.Errorf("got %s in %s", success.Name, success.Unit)
	}
	if point := success.Gauge.DataPoints[0]; point.AsDouble != float64(now.Unix()) {
		t.Errorf("time: got %v", point.AsDouble)
	}
}

func TestACollectorThatRefusesIsAnErrorAndNoneIsNot(t *testing.T) {
	refusing := httptest.NewServer(http.NotFoundHandler())
	defer refusing.Close()
	for endpoint, fails := range map[string]bool{"": false, refusing.URL: true} {
		getenv := func(name string) string {
			if name == "OTEL_EXPORTER_OTLP_ENDPOINT" {
				return endpoint
			}
			return ""
		}
		if err := reportSuccess(context.Background(), getenv, time.Now()); (err != nil) != fails {
			t.Errorf("%q: got %v", endpoint, err)
		}
	}
}

func TestLogLinesHaveTheFieldsOfTheContract(t *testing.T) {
	var out bytes.Buffer
	slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{ReplaceAttr: field})).Warn("odd", "error", "why")
	var line map[string]string
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	if line["level"] != "warn" || line["message"] != "odd" || line["error"] != "why" {
		t.Errorf("got %v", line)
	}
	if _, err := time.Parse("2006-01-02T15:04:05.999999999Z", line["time"]); err != nil {
		t.Errorf("time: %v", err)
	}
}
