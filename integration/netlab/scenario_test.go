//go:build linux

package netlab

import (
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx"
)

func TestSentences(t *testing.T) {
	got, err := parse(`
		# who is where
		buyer behind symmetric nat
		seller-1 behind full-cone nat behind port restricted nat # two in a row
		seller-1, seller-2 and relay rate 10mbit delay 50ms loss 0.5%
		buyer has ipv6 only
		relay has ipv4 and ipv6

		seller-1 moves to 46.1.1.1
		cut seller-1
		heal a, b from c and d`)
	require.NoError(t, err)
	require.Equal(t, []sentence{
		{verb: behind, hosts: []string{"buyer"}, nats: []NATKind{Symmetric}},
		{verb: behind, hosts: []string{"seller-1"}, nats: []NATKind{PortRestricted, FullCone}},
		{verb: line, hosts: []string{"seller-1", "seller-2", "relay"}, link: Link{Rate: 10_000_000, RTT: 100 * time.Millisecond, Loss: 0.005}},
		{verb: has, hosts: []string{"buyer"}, six: true},
		{verb: has, hosts: []string{"relay"}, four: true, six: true},
		{verb: moves, hosts: []string{"seller-1"}, to: netip.MustParseAddr("46.1.1.1")},
		{verb: cut, hosts: []string{"seller-1"}},
		{verb: heal, hosts: []string{"a", "b"}, from: []string{"c", "d"}},
	}, got)
}

func TestBadSentences(t *testing.T) {
	for text, cure := range map[string]string{
		"seller":                                "it says nothing of the host",
		"and":                                   "names no host",
		"cut":                                   "names no host",
		"cut seller from":                       "names no host",
		"cut seller relay":                      `use one of behind, rate`,
		"cut seller behind symmetric nat":       `use "from" or end the line`,
		"cut seller from relay rate 1mbit":      "nothing may follow",
		"seller sits behind symmetric nat":      `"sits" after host "seller"`,
		"seller behind":                         "behind KIND nat",
		"seller behind nat":                     "behind KIND nat",
		"seller behind round nat":               "no kind of NAT",
		"seller behind symmetric nat or so nat": "behind KIND nat",
		"seller rate":                           "has no value",
		"seller rate 10":                        "kbit, mbit or gbit",
		"seller rate 0mbit":                     "kbit, mbit or gbit",
		"seller rate 10mbit delay soon":         "such as 50ms",
		"seller delay -1s":                      "such as 50ms",
		"seller loss 101%":                      "such as 1%",
		"seller loss NaN%":                      "such as 1%",
		"seller rate 1mbit with care":           "use rate, delay or loss",
		"seller has ipv5":                       "has ipv6 only",
		"seller moves 1.2.3.4":                  "moves to",
		"seller moves to Berlin":                "Berlin",
	} {
		_, err := parse("# first\n" + text)
		require.ErrorIs(t, err, pdx.ErrInvalid, text)
		require.ErrorContains(t, err, "line 2: ", text)
		require.ErrorContains(t, err, cure, text)
	}
}

func FuzzSentences(f *testing.F) {
	f.Add("a, b behind full-cone nat behind symmetric nat\ncut a from b # x")
	f.Fuzz(func(t *testing.T, text string) {
		all, err := parse(text)
		if err != nil {
			require.ErrorIs(t, err, pdx.ErrInvalid)
		}
		require.LessOrEqual(t, len(all), 1+strings.Count(text, "\n"))
		for _, s := range all {
			require.NotEmpty(t, s.hosts)
		}
	})
}

// scenario returns a scenario and its hosts.
func scenario(t *testing.T, text string, names ...string) (*Scenario, []*Site) {
	t.Helper()
	if err := NATSupported(); err != nil {
		t.Skip(err)
	}
	lab, err := New()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, lab.Close()) })
	s, err := lab.Scenario(text)
	require.NoError(t, err)
	var sites []*Site
	for _, name := range names {
		p, err := s.Host(name)
		require.NoError(t, err)
		sites = append(sites, p)
	}
	return s, sites
}

// Hosts of one family reach those that have it.
func TestFamilies(t *testing.T) {
	if err := IPv6Supported(); err != nil {
		t.Skip(err)
	}
	_, hosts := scenario(t, "six and six-too has ipv6 only\n both has ipv4 and ipv6", "six", "six-too", "both", "four")
	six, sixToo, both, four := hosts[0], hosts[1], hosts[2], hosts[3]
	require.True(t, six.Addr().Is6())
	require.True(t, both.Addr().Is4())
	for _, c := range []struct {
		from, to *Site
		at       netip.Addr
	}{{six, sixToo, sixToo.Addr()}, {six, both, both.Also()}, {both, six, six.Addr()}, {four, both, both.Addr()}, {both, four, four.Addr()}} {
		from, to := connect(t, c.from.Host, c.to.Host, c.at)
		carry(t, from, to, 100<<10)
	}
	_, err := six.Dial(netip.AddrPortFrom(four.Addr(), 9).String())
	require.Error(t, err, "it has no IPv4 address")
	_, err = four.Dial(netip.AddrPortFrom(six.Addr(), 9).String())
	require.Error(t, err)
}

// What is cut from one host still reaches others, also from a new address.
func TestCutsAndMoves(t *testing.T) {
	s, hosts := scenario(t, "both and other has ipv4 and ipv6\n third behind full-cone nat", "both", "other", "third")
	heard := map[string]*net.UDPConn{}
	for name, p := range map[string]*Site{"both": hosts[0], "other": hosts[1], "third": hosts[2]} {
		heard[name] = udp(t, p.Host, "0.0.0.0")
	}
	reaches := func(from, to string, at netip.Addr) bool {
		port := heard[to].LocalAddr().(*net.UDPAddr).Port
		return arrives(t, heard[from], netip.AddrPortFrom(at, uint16(port)), heard[to])
	}
	both, other := hosts[0], hosts[1]
	require.True(t, reaches("both", "other", other.Addr()))
	require.NoError(t, s.Play("cut both from other"))
	require.False(t, reaches("both", "other", other.Addr()))
	require.False(t, reaches("other", "both", both.Addr()))
	require.True(t, reaches("third", "other", other.Addr()))
	require.NoError(t, s.Play("both moves to 46.1.1.1"))
	require.False(t, reaches("both", "other", other.Addr()))
	require.False(t, reaches("other", "both", both.Addr()))
	require.True(t, reaches("third", "both", netip.MustParseAddr("46.1.1.1")))
	require.NoError(t, s.Play("heal other from both"))
	require.True(t, reaches("other", "both", both.Addr()))
	require.NoError(t, s.Play("cut other"))
	require.False(t, reaches("third", "other", other.Addr()))
	require.NoError(t, s.Play("heal other"))
	require.True(t, reaches("third", "other", other.Addr()))
}

// A host that is there cannot be described, and one that is not cannot move.
func TestSentencesAtTheWrongTime(t *testing.T) {
	s, _ := scenario(t, "", "here")
	require.ErrorIs(t, s.Play("here behind symmetric nat"), pdx.ErrWrongState)
	for _, text := range []string{"gone moves to 46.1.1.1", "cut gone", "cut here from gone", "cut here from here"} {
		require.ErrorIs(t, s.Play(text), pdx.ErrNotFound, text)
	}
	require.ErrorIs(t, s.Play("new has ipv6 only\n new behind symmetric nat"), pdx.ErrInvalid)
	require.ErrorIs(t, s.Play("here moves to 2a05::1"), pdx.ErrInvalid)
}
