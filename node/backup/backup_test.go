package backup_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/backup"
)

const (
	workFactor = 4 // scrypt in a millisecond
	words      = "correct horse battery"
)

// memory is a target that keeps what it is given.
type memory struct {
	header backup.Header
	files  map[string]string
}

func (m *memory) Header(h backup.Header) error {
	m.header, m.files = h, map[string]string{}
	return nil
}

func (m *memory) File(name string, size uint64, r io.Reader) error {
	raw, err := io.ReadAll(r)
	if _, twice := m.files[name]; twice {
		return errors.New("twice")
	}
	m.files[name] = string(raw)
	return err
}

var blobName = "blobs/" + pdx.ContentID{1, 2, 3}.String()

// archive is a small one of ours.
func archive(t testing.TB) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := backup.NewWriter(&out, backup.Header{ChainID: "c-1", Account: "panacea1x", Made: time.Unix(1_700_000_000, 0).UTC(), Bytes: 1000})
	require.NoError(t, err)
	for _, name := range []string{"config.yaml", "storage.key", "node.db", "disclosed/s1/files/a b/ü.json", blobName} {
		require.NoError(t, w.Add(name, uint64(len(name)), strings.NewReader(name)))
	}
	w.List(backup.Listed{Role: pdx.RoleBuyer, Deal: 8, Bytes: 5, Why: "it is pulled again"})
	_, err = w.Close()
	require.NoError(t, err)
	return out.Bytes()
}

func sealed(t testing.TB, plain []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := backup.Encrypt(&out, words, workFactor)
	require.NoError(t, err)
	_, err = w.Write(plain)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.Bytes()
}

func open(raw []byte, passphrase string) (*memory, error) {
	plain, err := backup.Decrypt(bytes.NewReader(raw), passphrase)
	if err != nil {
		return nil, err
	}
	m := &memory{}
	_, _, err = backup.Extract(plain, m)
	return m, err
}

func TestRoundTrip(t *testing.T) {
	m, err := open(sealed(t, archive(t)), words)
	require.NoError(t, err)
	require.Equal(t, "c-1", m.header.ChainID)
	require.Len(t, m.files, 5)
	for name, content := range m.files {
		require.Equal(t, name, content)
	}
	_, sum, err := backup.Extract(bytes.NewReader(archive(t)), &memory{})
	require.NoError(t, err)
	require.Equal(t, []backup.Listed{{Role: pdx.RoleBuyer, Deal: 8, Bytes: 5, Why: "it is pulled again"}}, sum.Listed)
}

func TestBadFiles(t *testing.T) {
	whole := sealed(t, archive(t))
	for name, c := range map[string]struct {
		raw  []byte
		pass string
		want error
	}{
		"wrong passphrase":    {whole, words + "!", backup.ErrPassphrase},
		"no passphrase":       {whole, "", backup.ErrPassphrase},
		"empty":               {nil, words, backup.ErrForeign},
		"a letter":            {[]byte("dear doctor\n"), words, backup.ErrForeign},
		"an age file":         {sealed(t, []byte("dear doctor\n")), words, backup.ErrForeign},
		"a tar":               {sealed(t, tarOf(t, entry{name: "a", body: "b"})), words, backup.ErrForeign},
		"no end":              {sealed(t, archive(t)[:2048]), words, backup.ErrDamaged},
		"newer":               {sealed(t, tarOf(t, entry{name: "backup.json", body: `{"version":2}`})), words, backup.ErrNewer},
		"cut in the payload":  {whole[:len(whole)-100], words, backup.ErrDamaged},
		"something behind it": {append(bytes.Clone(whole), 1), words, backup.ErrDamaged},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := open(c.raw, c.pass)
			require.ErrorIs(t, err, c.want)
		})
	}
}

// Flipped bits and missing bytes are noticed wherever they are: in the header, at
// every byte.
func TestEveryDamageIsNoticed(t *testing.T) {
	whole := sealed(t, archive(t))
	const header = 200
	for i := 0; i < len(whole); i += 1 + i/header*40 {
		cut := bytes.Clone(whole)
		cut[i] ^= 0x20
		_, err := open(cut, words)
		require.Error(t, err, "byte %d", i)
	}
	for n := 0; n < len(whole); n += 97 {
		_, err := open(whole[:n], words)
		require.Error(t, err, "%d bytes", n)
	}
}

type entry struct {
	name, body string
	change     func(*tar.Header)
}

func tarOf(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, e := range entries {
		h := &tar.Header{Typeflag: tar.TypeReg, Name: e.name, Size: int64(len(e.body)), Mode: 0o600}
		if e.change != nil {
			e.change(h)
		}
		require.NoError(t, w.WriteHeader(h))
		_, err := w.Write([]byte(e.body)[:h.Size])
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return out.Bytes()
}

// What somebody with the passphrase made up leaves the home's folder no more than
// what was damaged does.
func TestMadeUpArchives(t *testing.T) {
	head := entry{name: "backup.json", body: `{"version":1,"bytes":10}`}
	end := entry{name: "end.json", body: `{"files":1,"bytes":1}`}
	for name, entries := range map[string][]entry{
		"absolute":          {head, {name: "/etc/passwd", body: "x"}, end},
		"up":                {head, {name: "disclosed/../../x", body: "x"}, end},
		"up, at the start":  {head, {name: "../x", body: "x"}, end},
		"no folder of ours": {head, {name: "etc/passwd", body: "x"}, end},
		"not a blob":        {head, {name: "blobs/../node.db", body: "x"}, end},
		"a lock":            {head, {name: "lock", body: "x"}, end},
		"a link":            {head, {name: "disclosed/x", change: func(h *tar.Header) { h.Typeflag, h.Linkname = tar.TypeSymlink, "/etc" }}, end},
		"a hard link":       {head, {name: "disclosed/x", change: func(h *tar.Header) { h.Typeflag, h.Linkname = tar.TypeLink, "node.db" }}, end},
		"a device":          {head, {name: "disclosed/x", change: func(h *tar.Header) { h.Typeflag = tar.TypeChar }}, end},
		"more than it says": {head, {name: "node.db", body: strings.Repeat("x", 11)}, end},
		"another count":     {head, {name: "node.db", body: "xx"}, end},
		"no header":         {{name: "node.db", body: "x"}, end},
		"header later":      {{name: "node.db", body: "x"}, head, end},
		"something after":   {head, {name: "node.db", body: "x"}, end, {name: "config.yaml", body: "x"}},
		"a long name":       {head, {name: "disclosed/" + strings.Repeat("x/", 5000) + "x", body: "x"}, end},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := backup.Extract(bytes.NewReader(tarOf(t, entries...)), &memory{})
			require.Error(t, err)
			require.True(t, errors.Is(err, pdx.ErrInvalid) || errors.Is(err, pdx.ErrCorrupt), err)
		})
	}
}

// A file that asks for too much scrypt work is refused before it is done.
func TestExpensiveFile(t *testing.T) {
	var out bytes.Buffer
	recipient, err := age.NewScryptRecipient(words)
	require.NoError(t, err)
	recipient.SetWorkFactor(4)
	w, err := age.Encrypt(&out, recipient)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	raw := bytes.Replace(out.Bytes(), []byte(" 4\n"), []byte(" 30\n"), 1)
	_, err = backup.Decrypt(bytes.NewReader(raw), words)
	require.ErrorIs(t, err, backup.ErrForeign)
}

func TestShorterFile(t *testing.T) {
	w, err := backup.NewWriter(io.Discard, backup.Header{Bytes: 10})
	require.NoError(t, err)
	require.ErrorIs(t, w.Add("node.db", 10, strings.NewReader("short")), pdx.ErrUnavailable)
}

// strict is a target that fails when it is given what no home has.
type strict struct {
	t     testing.TB
	most  uint64
	taken uint64
}

func (s *strict) Header(backup.Header) error { return nil }

func (s *strict) File(name string, _ uint64, r io.Reader) error {
	if strings.HasPrefix(name, "/") || strings.Contains("/"+name+"/", "/../") || strings.Contains(name, "\x00") {
		s.t.Errorf("name %q", name)
	}
	n, err := io.Copy(io.Discard, r)
	if s.taken += uint64(n); s.taken > s.most {
		s.t.Errorf("%d bytes out of %d", s.taken, s.most)
	}
	return err
}

// FuzzExtract: whatever it is given, no file has a name outside of a home, and all
// together have no more bytes than the archive.
func FuzzExtract(f *testing.F) {
	f.Add(archive(f))
	f.Add(tarOf(f, entry{name: "backup.json", body: `{"version":1,"bytes":10}`},
		entry{name: "../x", body: "x"}, entry{name: "end.json", body: `{}`}))
	f.Add([]byte(fmt.Sprintf("%-512s", "backup.json")))
	f.Fuzz(func(t *testing.T, raw []byte) {
		_, _, err := backup.Extract(bytes.NewReader(raw), &strict{t: t, most: uint64(len(raw))})
		if err != nil && !errors.Is(err, pdx.ErrInvalid) && !errors.Is(err, pdx.ErrCorrupt) && !errors.Is(err, pdx.ErrRefused) {
			t.Errorf("unknown kind of error: %v", err)
		}
	})
}

// FuzzDecrypt: no file makes the decryption panic or succeed by chance.
func FuzzDecrypt(f *testing.F) {
	f.Add(sealed(f, archive(f)))
	f.Add([]byte("age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 1\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if plain, err := backup.Decrypt(bytes.NewReader(raw), "another passphrase"); err == nil {
			_, err = io.Copy(io.Discard, plain)
			if err == nil {
				t.Error("decrypted")
			}
		}
	})
}
