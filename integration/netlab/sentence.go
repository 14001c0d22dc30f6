//go:build linux

package netlab

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/medibloc/pdx"
)

// verb is what a sentence says.
type verb string

const (
	behind verb = "behind"
	line   verb = "rate"
	has    verb = "has"
	cut    verb = "cut"
	heal   verb = "heal"
	moves  verb = "moves"
)

// sentence is one line of a scenario; see Lab.Scenario for the language.
type sentence struct {
	verb  verb
	hosts []string
	from  []string  // the other side of a cut; none is the whole line
	nats  []NATKind // the outermost first
	link  Link
	to    netip.Addr
	four  bool // IPv4
	six   bool // IPv6
}

// parse reads sentences, one a line. An error wraps pdx.ErrInvalid and names the line and
// what would be right.
func parse(text string) (all []sentence, err error) {
	for i, raw := range strings.Split(text, "\n") {
		said, _, _ := strings.Cut(raw, "#")
		words := strings.Fields(strings.ReplaceAll(said, ",", " and "))
		if len(words) == 0 {
			continue
		}
		s, err := parseLine(words)
		if err != nil {
			return nil, fmt.Errorf("line %d: %q: %w: %v", i+1, strings.TrimSpace(said), pdx.ErrInvalid, err)
		}
		all = append(all, s)
	}
	return all, nil
}

func parseLine(words []string) (s sentence, err error) {
	if v := verb(words[0]); v == cut || v == heal {
		s.verb = v
		if s.hosts, words, err = names(words[1:]); err != nil || len(words) == 0 {
			return s, err
		}
		if words[0] != "from" {
			return s, fmt.Errorf(`%q: use "from" or end the line`, words[0])
		}
		if s.from, words, err = names(words[1:]); err == nil && len(words) > 0 {
			err = fmt.Errorf("nothing may follow the hosts, but %q does", words[0])
		}
		return s, err
	}
	if s.hosts, words, err = names(words); err != nil {
		return s, err
	}
	if len(words) == 0 {
		return s, fmt.Errorf("it says nothing of the host: use behind, rate, delay, loss, has or moves, or begin with cut or heal")
	}
	switch words[0] {
	case "behind":
		s.verb = behind
		s.nats, err = parseNATs(words)
	case "rate", "delay", "loss":
		s.verb = line
		s.link, err = parseLink(words)
	case "has":
		s.verb = has
		s.four, s.six, err = parseFamilies(words[1:])
	case "moves":
		s.verb = moves
		if len(words) != 3 || words[1] != "to" {
			return s, fmt.Errorf(`use "moves to" and an address`)
		}
		s.to, err = netip.ParseAddr(words[2])
	}
	return s, err
}

// after are the words that end a list of hosts.
var after = []string{"behind", "rate", "delay", "loss", "has", "moves", "from"}

// names reads a list such as "a, b and c", and returns the words after it.
func names(words []string) (list, rest []string, err error) {
	for i, w := range words {
		switch {
		case slices.Contains(after, w):
			rest = words[i:]
		case w == "and":
			continue
		case i > 0 && words[i-1] != "and":
			return nil, nil, fmt.Errorf("%q after host %q: use one of %s, or \"and\" before another host", w, words[i-1], strings.Join(after, ", "))
		default:
			list = append(list, w)
			continue
		}
		break
	}
	if len(list) == 0 {
		return nil, nil, fmt.Errorf("it names no host")
	}
	return list, rest, nil
}

// parseNATs reads "behind full-cone nat behind symmetric nat", the innermost first.
func parseNATs(words []string) (kinds []NATKind, err error) {
	for len(words) > 0 {
		end := slices.Index(words, "nat")
		if words[0] != "behind" || end < 2 {
			return nil, fmt.Errorf(`use "behind KIND nat" with one of %v`, NATKinds)
		}
		kind := NATKind(strings.Join(words[1:end], "-"))
		if !slices.Contains(NATKinds, kind) {
			return nil, fmt.Errorf("no kind of NAT is called %q: use one of %v", kind, NATKinds)
		}
		kinds, words = append(kinds, kind), words[end+1:]
	}
	slices.Reverse(kinds)
	return kinds, nil
}

// units of a rate, in bits a second.
var units = map[string]uint64{"kbit": 1e3, "mbit": 1e6, "gbit": 1e9}

// parseLink reads "rate 10mbit delay 50ms loss 1%", in any order. The delay is of each direction.
func parseLink(words []string) (l Link, err error) {
	if len(words)%2 != 0 {
		return l, fmt.Errorf("%q has no value", words[len(words)-1])
	}
	for pair := range slices.Chunk(words, 2) {
		value := pair[1]
		switch pair[0] {
		case "rate":
			digits := strings.TrimRight(value, "abcdefghijklmnopqrstuvwxyz")
			n, failed := strconv.ParseUint(digits, 10, 32)
			unit, known := units[value[len(digits):]]
			if failed != nil || !known || n == 0 {
				return l, fmt.Errorf("rate %q: use a number and kbit, mbit or gbit, such as 10mbit", value)
			}
			l.Rate = n * unit
		case "delay":
			d, failed := time.ParseDuration(value)
			if failed != nil || d < 0 || d > time.Hour {
				return l, fmt.Errorf("delay %q: use a time such as 50ms", value)
			}
			l.RTT = 2 * d
		case "loss":
			percent, found := strings.CutSuffix(value, "%")
			n, failed := strconv.ParseFloat(percent, 64)
			if failed != nil || !found || !(n >= 0 && n <= 100) {
				return l, fmt.Errorf("loss %q: use a share such as 1%%", value)
			}
			l.Loss = n / 100
		default:
			return l, fmt.Errorf("%q: use rate, delay or loss", pair[0])
		}
	}
	return l, nil
}

func parseFamilies(words []string) (four, six bool, err error) {
	switch strings.Join(words, " ") {
	case "ipv4 only":
		return true, false, nil
	case "ipv6 only":
		return false, true, nil
	case "ipv4 and ipv6":
		return true, true, nil
	}
	return false, false, fmt.Errorf(`use "has ipv4 only", "has ipv6 only" or "has ipv4 and ipv6"`)
}
