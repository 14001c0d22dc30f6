// Package deploy_test checks what operators load into Prometheus and Grafana.
package deploy_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/medibloc/pdx/node/api"
	"github.com/medibloc/pdx/node/metrics"
)

var (
	metricName = regexp.MustCompile(`\bpdx_[a-z_]+`)
	guideRow   = regexp.MustCompile("(?m)^\\| `(pdx_[a-z_]+)` \\|")
)

// TestNamesAreThoseOfTheGuide looks for panels and alerts of metrics that no node has.
func TestNamesAreThoseOfTheGuide(t *testing.T) {
	guide, err := os.ReadFile("../docs/guides/operator.md")
	require.NoError(t, err)
	known := map[string]bool{}
	for _, row := range guideRow.FindAllStringSubmatch(string(guide), -1) {
		known[row[1]] = true
	}
	require.NotEmpty(t, known)
	for _, file := range []string{"grafana/pdx.json", "prometheus/alerts.yml", "prometheus/alerts_test.yml"} {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		names := metricName.FindAllString(string(text), -1)
		require.NotEmpty(t, names, file)
		for _, name := range names {
			require.True(t, known[strings.TrimSuffix(name, "_bucket")], "%s: no node has the metric %s", file, name)
		}
	}
}

// TestDashboard reads what Grafana would.
func TestDashboard(t *testing.T) {
	text, err := os.ReadFile("grafana/pdx.json")
	require.NoError(t, err)
	var board struct {
		Title  string
		Panels []struct {
			ID          int
			Type, Title string
			Targets     []struct{ Expr string }
		}
	}
	require.NoError(t, json.Unmarshal(text, &board))
	ids := map[int]bool{}
	for _, p := range board.Panels {
		require.False(t, ids[p.ID], "two panels have the id %d", p.ID)
		ids[p.ID] = true
		require.Equal(t, p.Type != "row", len(p.Targets) > 0, p.Title)
		for _, target := range p.Targets {
			require.Contains(t, target.Expr, `{instance=~"$node"`, "the panel %q shows all nodes", p.Title)
		}
	}
	require.Greater(t, len(ids), 25)
}

// tool finds a program of Prometheus, or skips the test.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed (Debian: apt-get install prometheus)", name)
	}
	return path
}

func TestAlerts(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), tool(t, "promtool"), "test", "rules", "prometheus/alerts_test.yml").CombinedOutput()
	require.NoError(t, err, string(out))
}

// TestPrometheusReadsANode has a real Prometheus scrape a page of metrics, load the alerts and
// answer the dashboard's queries.
func TestPrometheusReadsANode(t *testing.T) {
	program := tool(t, "prometheus")
	page, own := freeAddress(t), freeAddress(t)
	registry := metrics.NewRegistry()
	registry.MustRegister(metrics.Node{Read: func(context.Context) metrics.Figures { return metrics.Figures{Version: "v9"} }})
	node := metrics.NewPage(page, registry, func(context.Context) []api.Health { return nil })
	require.NoError(t, node.Start(t.Context()))
	defer func() { require.NoError(t, node.Stop(context.Background())) }()

	dir := t.TempDir()
	config, err := os.ReadFile("prometheus/prometheus.yml")
	require.NoError(t, err)
	text := strings.NewReplacer("127.0.0.1:9100", page, "scrape_interval: 15s", "scrape_interval: 100ms",
		"evaluation_interval: 15s", "evaluation_interval: 100ms").Replace(string(config))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "prometheus.yml"), []byte(text), 0o600))
	alerts, err := os.ReadFile("prometheus/alerts.yml")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "alerts.yml"), alerts, 0o600))

	ctx, cancel := context.WithCancel(t.Context())
	server := exec.CommandContext(ctx, program, "--config.file", filepath.Join(dir, "prometheus.yml"),
		"--storage.tsdb.path", filepath.Join(dir, "data"), "--web.listen-address", own)
	require.NoError(t, server.Start())
	defer func() { cancel(); _ = server.Wait() }()

	ask := func(path string) (answer struct {
		Status string
		Data   struct {
			Result []json.RawMessage
			Groups []struct {
				Rules []struct{ Name, Health, LastError string }
			}
		}
	}, ok bool,
	) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+own+path, nil)
		require.NoError(t, err)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return answer, false // not up yet
		}
		defer response.Body.Close()
		return answer, json.NewDecoder(response.Body).Decode(&answer) == nil && answer.Status == "success"
	}
	require.Eventually(t, func() bool {
		answer, ok := ask("/api/v1/query?query=" + url.QueryEscape(`pdx_build_info{version="v9"}`))
		return ok && len(answer.Data.Result) == 1
	}, time.Minute, 50*time.Millisecond, "the node's version never arrived")
	require.Eventually(t, func() bool {
		answer, ok := ask("/api/v1/rules")
		if !ok || len(answer.Data.Groups) != 1 || len(answer.Data.Groups[0].Rules) < 20 {
			return false
		}
		for _, rule := range answer.Data.Groups[0].Rules {
			if rule.Health != "ok" {
				return false
			}
		}
		return true
	}, time.Minute, 50*time.Millisecond, "the alerts are not evaluated")
	for _, query := range queries(t) {
		answer, ok := ask("/api/v1/query?query=" + url.QueryEscape(strings.ReplaceAll(query, "$node", ".*")))
		require.True(t, ok, "%s: %v", query, answer)
	}
}

// queries are those of the dashboard.
func queries(t *testing.T) (list []string) {
	t.Helper()
	text, err := os.ReadFile("grafana/pdx.json")
	require.NoError(t, err)
	var board struct {
		Panels []struct{ Targets []struct{ Expr string } }
	}
	require.NoError(t, json.Unmarshal(text, &board))
	for _, p := range board.Panels {
		for _, target := range p.Targets {
			list = append(list, target.Expr)
		}
	}
	return list
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return fmt.Sprint(l.Addr())
}

// TestComposeFile reads what `docker compose` would: its files exist, its settings are a node's, and
// each node is scraped.
func TestComposeFile(t *testing.T) {
	text, err := os.ReadFile("compose/compose.yaml")
	require.NoError(t, err)
	var market struct {
		Services map[string]struct {
			Image       string
			Build       struct{ Context, Dockerfile string }
			Environment map[string]string
			Volumes     []string
		}
		Volumes map[string]any
	}
	require.NoError(t, yaml.Unmarshal(text, &market))
	settings, err := os.ReadFile("../docs/guides/configuration.md")
	require.NoError(t, err)
	scrapes, err := os.ReadFile("compose/prometheus.yml")
	require.NoError(t, err)
	nodes := 0
	for name, service := range market.Services {
		require.NotContains(t, service.Image, ":latest", name)
		if service.Build.Dockerfile != "" {
			require.FileExists(t, filepath.Join("compose", service.Build.Context, service.Build.Dockerfile), name)
		}
		for _, mount := range service.Volumes {
			source, _, _ := strings.Cut(mount, ":")
			if !strings.HasPrefix(source, ".") {
				require.Contains(t, market.Volumes, source, name)
				continue
			}
			_, err := os.Stat(filepath.Join("compose", source))
			require.NoError(t, err, name)
		}
		if service.Environment["ROLES"] == "" {
			continue
		}
		nodes++
		_, port, ok := strings.Cut(service.Environment["PDX_API_METRICS"], ":")
		require.True(t, ok, name)
		require.Contains(t, string(scrapes), fmt.Sprintf(`{ targets: ["chain:%s"], labels: { instance: %s } }`, port, name))
		for setting := range service.Environment {
			require.True(t, setting == "ROLES" || strings.Contains(string(settings), "`"+setting+"`"), setting)
		}
	}
	require.Equal(t, 4, nodes)
}
