package stringformat

import (
	"net/netip"
	"regexp"
	"strings"
)

const (
	maxHostname = 253 // in 255 bytes of the DNS
	maxLocal    = 64
	maxDomain   = 255
	maxEmail    = 254 // in a path of 256 bytes with its brackets
	label       = `[0-9A-Za-z](?:[0-9A-Za-z-]{0,61}[0-9A-Za-z])?`
	octet       = `(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])`
	atext       = "[0-9A-Za-z!#$%&'*+/=?^_`{|}~-]+"
)

var (
	hostnames = regexp.MustCompile(`^` + label + `(?:\.` + label + `)*$`)
	ipv4s     = regexp.MustCompile(`^` + octet + `(?:\.` + octet + `){3}$`)
	// locals are a dot-string or a quoted string.
	locals  = regexp.MustCompile(`^(?:` + atext + `(?:\.` + atext + `)*|"(?:[ !#-\[\]-~]|\\[ -~])*")$`)
	general = regexp.MustCompile(`^[0-9A-Za-z-]*[0-9A-Za-z]:[!-Z^-~]+$`)
)

// isHostname wants A-labels to be those of valid U-labels.
func isHostname(s string) bool {
	if len(s) > maxHostname || !hostnames.MatchString(s) {
		return false
	}
	for part := range strings.SplitSeq(s, ".") {
		if len(part) >= len(aPrefix) && strings.EqualFold(part[:len(aPrefix)], aPrefix) && !isALabel(part) {
			return false
		}
	}
	return true
}

func isIPv6(s string) bool {
	addr, err := netip.ParseAddr(s)
	return err == nil && addr.Is6() && addr.Zone() == ""
}

func isEmail(s string) bool {
	at := strings.LastIndexByte(s, '@')
	if at < 0 || at > maxLocal || len(s) > maxEmail || !locals.MatchString(s[:at]) {
		return false
	}
	domain := s[at+1:]
	if literal, ok := strings.CutPrefix(domain, "["); ok {
		literal, ok = strings.CutSuffix(literal, "]")
		return ok && isAddressLiteral(literal)
	}
	return len(domain) <= maxDomain && hostnames.MatchString(domain)
}

// isAddressLiteral reports whether s can stand between the brackets of an e-mail
// address.
func isAddressLiteral(s string) bool {
	const tag = "IPv6:"
	if len(s) >= len(tag) && strings.EqualFold(s[:len(tag)], tag) {
		return isIPv6(s[len(tag):])
	}
	return ipv4s.MatchString(s) || general.MatchString(s)
}
