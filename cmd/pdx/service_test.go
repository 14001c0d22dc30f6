package main

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/contrib"
)

// machine is a system of which only the files are real.
type machine struct {
	*service
	ran   []string
	input []string
	out   bytes.Buffer
}

func newMachine(t *testing.T, programs ...string) *machine {
	t.Helper()
	m := &machine{}
	a := &app{
		streams:    streams{in: strings.NewReader(""), out: &m.out, err: io.Discard},
		texts:      language(),
		workFactor: testWorkFactor,
		home:       t.TempDir(),
	}
	own, err := user.Current()
	require.NoError(t, err)
	m.service = &service{
		app: a, system: "linux", root: t.TempDir(), program: "/opt/a b/100%/pdx", start: true,
		run: func(_ context.Context, input string, command ...string) error {
			m.ran, m.input = append(m.ran, strings.Join(command, " ")), append(m.input, input)
			return nil
		},
		account: func(name string) (*user.User, error) {
			if len(m.ran) == 0 {
				return nil, user.UnknownUserError(name)
			}
			return own, nil
		},
		has: func(program string) bool { return strings.Contains(strings.Join(programs, " "), program) },
	}
	require.NoError(t, os.MkdirAll(m.path("/etc/systemd/system"), 0o755))
	return m
}

// install runs the steps of an installation with a passphrase.
func (m *machine) install(t *testing.T, passphrase string) error {
	t.Helper()
	file := filepath.Join(t.TempDir(), "pass")
	require.NoError(t, os.WriteFile(file, []byte(passphrase+"\n"), 0o600))
	cmd := &cobra.Command{}
	passphraseFlag(cmd)
	if passphrase != "" {
		require.NoError(t, cmd.Flags().Set("passphrase-file", file))
	}
	install := m.installUnit
	if m.system == "darwin" {
		install = m.installAgent
	}
	steps, err := install(cmd)
	if err != nil {
		return err
	}
	return m.do(t.Context(), steps)
}

func TestServiceIsInstalledAndRemoved(t *testing.T) {
	m := newMachine(t, "systemctl", "systemd-creds")
	require.NoError(t, m.install(t, "correct horse battery"))
	require.Equal(t, []string{
		"useradd --system --user-group --home-dir /var/lib/pdx --shell /usr/sbin/nologin pdx",
		"systemd-creds encrypt --name=pdx-passphrase - " + m.path("/etc/pdx/passphrase.cred"),
		"systemctl daemon-reload",
	}, m.ran, "nothing is started without a node")
	require.Equal(t, "correct horse battery", m.input[1])
	require.NotContains(t, m.out.String(), "battery")
	require.Contains(t, m.out.String(), "there is no node yet")
	for name, mode := range map[string]os.FileMode{"/var/lib/pdx": 0o700, "/etc/pdx": 0o700, unitFile: 0o644} {
		info, err := os.Stat(m.path(name))
		require.NoError(t, err)
		require.Equal(t, mode, info.Mode().Perm(), name)
	}
	unit, err := os.ReadFile(m.path(unitFile))
	require.NoError(t, err)
	require.Contains(t, string(unit), "ExecStart=\"/opt/a b/100%%/pdx\" daemon\n")
	require.Contains(t, string(unit), "LoadCredentialEncrypted=pdx-passphrase:/etc/pdx/passphrase.cred\n")

	// With a node it is started; the passphrase that is there stays, or must be the node's.
	code, _, errs := runIn(t, m.path(unitHome), "init", "--passphrase-file", passphraseIn(t, "correct horse battery"))
	require.Zero(t, code, errs)
	require.NoError(t, os.WriteFile(m.path(sealedSecret), nil, 0o600))
	m.ran = m.ran[:1]
	require.ErrorContains(t, m.install(t, "another battery"), "passphrase is wrong")
	require.NoError(t, m.install(t, ""))
	require.Equal(t, []string{"systemctl daemon-reload", "systemctl enable pdx", "systemctl restart pdx"}, m.ran[1:])

	m.ran = m.ran[:1]
	require.NoError(t, m.do(t.Context(), m.uninstallUnit()))
	require.Equal(t, []string{"systemctl disable --now pdx", "systemctl daemon-reload"}, m.ran[1:])
	require.NoFileExists(t, m.path(unitFile))
	require.NoFileExists(t, m.path(sealedSecret))
	require.FileExists(t, m.path(unitHome+"/storage.key"))
	require.Empty(t, m.uninstallUnit(), "it is not installed any more")
}

func passphraseIn(t *testing.T, words string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "pass")
	require.NoError(t, os.WriteFile(file, []byte(words+"\n"), 0o600))
	return file
}

// Where systemd cannot encrypt, the passphrase is root's alone, and that is said.
func TestServiceWithoutCredentialsThatAreEncrypted(t *testing.T) {
	m := newMachine(t, "systemctl")
	require.NoError(t, m.install(t, "correct horse battery"))
	require.Contains(t, m.out.String(), "systemd-creds is missing")
	info, err := os.Stat(m.path(plainSecret))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode())
	require.Contains(t, m.unit(), "LoadCredential=pdx-passphrase:/etc/pdx/passphrase\n")
	require.NotContains(t, m.unit(), "LoadCredentialEncrypted")
}

func TestServiceThatIsOnlyShown(t *testing.T) {
	m := newMachine(t, "systemctl", "systemd-creds")
	m.dry, m.json = true, true
	require.NoError(t, m.install(t, ""), "no passphrase is asked for")
	require.Contains(t, m.out.String(), `"dry_run":true`)
	require.Empty(t, m.ran)
	require.NoFileExists(t, m.path(unitFile))
	require.NoDirExists(t, m.path(unitState))
}

// A step that fails ends the installation, and all may be repeated.
func TestServiceStepThatFails(t *testing.T) {
	m := newMachine(t, "systemctl", "systemd-creds")
	run, broken := m.run, errors.New("no bus")
	m.run = func(ctx context.Context, input string, command ...string) error {
		if command[0] == "systemctl" {
			return broken
		}
		return run(ctx, input, command...)
	}
	require.ErrorIs(t, m.install(t, "correct horse battery"), broken)
	m.run = run
	require.NoError(t, m.install(t, "correct horse battery"))
}

// TestUnitIsSound has systemd itself read the unit.
func TestUnitIsSound(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not installed")
	}
	m := newMachine(t, "systemd-creds")
	m.program, err = os.Executable()
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "pdx.service")
	require.NoError(t, os.WriteFile(file, []byte(m.unit()), 0o600))
	for _, arguments := range [][]string{{"verify"}, {"security", "--offline=true", "--threshold=20"}} {
		out, err := exec.CommandContext(t.Context(), analyze, append(arguments, file)...).CombinedOutput()
		require.NoError(t, err, "%s", out)
		require.NotContains(t, string(out), file+":", "a line of the unit is not understood")
	}
}

func TestAgentIsInstalledAndRemoved(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	m := newMachine(t, "launchctl")
	m.system, m.root = "darwin", "/"
	m.home = filepath.Join(t.TempDir(), "a & b")
	require.ErrorContains(t, m.install(t, ""), "no node")
	code, _, errs := runIn(t, m.home, "init", "--passphrase-file", passphraseIn(t, "correct horse battery"))
	require.Zero(t, code, errs)
	require.ErrorContains(t, m.install(t, ""), "--passphrase-file")
	require.ErrorContains(t, m.install(t, "another battery"), "passphrase is wrong")
	require.NoError(t, m.install(t, "correct horse battery"))
	file, err := m.agentFile()
	require.NoError(t, err)
	require.Equal(t, []string{"launchctl bootstrap " + agentDomain() + " " + file}, m.ran)
	agent, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NotContains(t, string(agent), "@")
	texts := plistStrings(t, agent)
	require.Contains(t, texts, m.program)
	require.Contains(t, texts, m.home)

	m.ran = nil
	require.NoError(t, m.install(t, "correct horse battery"))
	require.Len(t, m.ran, 2, "the agent that runs is ended first")
	require.NoError(t, m.do(t.Context(), m.uninstallAgent()))
	require.NoFileExists(t, file)
	require.Empty(t, m.uninstallAgent())
}

// plistStrings are the values of all string elements.
func plistStrings(t *testing.T, plist []byte) (texts []string) {
	t.Helper()
	decoder := xml.NewDecoder(bytes.NewReader(plist))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return texts
		}
		require.NoError(t, err)
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "string" {
			var text string
			require.NoError(t, decoder.DecodeElement(&text, &start))
			texts = append(texts, text)
		}
	}
}

// What install fills in is in the files.
func TestFilesOfServicesHaveTheirMarks(t *testing.T) {
	for _, mark := range []string{
		"ExecStart=" + unitProgram + " daemon", "User=" + unitUser, "PDX_HOME=" + unitHome,
		"StateDirectory=" + strings.TrimPrefix(unitState, "/var/lib/"),
		"LoadCredentialEncrypted=" + credential + ":" + sealedSecret, "WantedBy=multi-user.target",
	} {
		require.Contains(t, contrib.SystemdUnit, mark)
	}
	for _, mark := range []string{"@PROGRAM@", "@HOME@", "@PASSPHRASE_FILE@", agentLabel} {
		require.Contains(t, contrib.LaunchdAgent, mark)
	}
}
