package stringformat

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// examples are strings of each format, and others that are not, from its RFC and from
// what is often mistaken for it.
var examples = map[string]struct{ good, bad []string }{
	"date": {
		[]string{"2024-02-29", "0000-01-01", "9999-12-31"},
		[]string{
			"", "2023-02-29", "2024-13-01", "2024-00-10", "2024-1-01", "24-01-01", "2024-01-01Z", " 2024-01-01",
			"2024/01/01", "২০২৪-01-01", "+024-01-01",
		},
	},
	"time": {
		[]string{
			"08:30:06Z", "08:30:06z", "23:59:59.123456789+00:00", "12:00:00-23:59", "23:59:60Z", "15:59:60-08:00",
			"00:29:60-23:30", "23:29:60+23:30",
		},
		[]string{
			"", "08:30:06", "8:30:06Z", "24:00:00Z", "00:60:00Z", "00:00:61Z", "12:00:00.Z", "12:00:00+1:00",
			"12:00:00+24:00", "12:00:00+00:60",
			"+1:00:00Z", "12:00:00++1:00", "22:59:60Z", "23:59:60+01:00", "12:00:00,5Z", "12:00:00Z ", "1২:00:00Z",
		},
	},
	"date-time": {
		[]string{
			"1963-06-19T08:30:06.283185Z", "1990-12-31T15:59:60-08:00", "1963-06-19t08:30:06z",
			"1937-01-01T12:00:27.87+00:20",
		},
		[]string{
			"", "1963-06-19", "1963-06-19 08:30:06Z", "1963-06-19T08:30:06", "1990-02-31T15:59:59-08:00",
			"1963-6-19T08:30:06Z", "2013-350T01:01:01Z",
		},
	},
	"duration": {
		[]string{"P4DT12H30M5S", "P4Y", "PT0S", "P0D", "P1M", "PT1M", "PT36H", "P2W", "P1Y2M3D", "P1M2D", "PT1M2S", "P01D"},
		[]string{
			"", "P", "PT", "P1YT", "PT1D", "P2D1Y", "P1D2H", "P2S", "P1Y2W", "P1WT1H", "P1", "P1Y2D", "PT1H2S",
			"PT0.5S", "-P1D", "P1D\n", "P২Y", "4DT1H",
		},
	},
	"period": {
		[]string{"1963-06-19T08:30:06Z/1963-06-20T08:30:06Z", "1963-06-19T08:30:06Z/P1D", "P1D/1963-06-19T08:30:06Z"},
		[]string{"", "/", "P1D", "P1D/P1D", "1963-06-19T08:30:06Z", "1963-06-19T08:30:06Z/", "P1D/P1D/1963-06-19T08:30:06Z"},
	},
	"email": {
		[]string{
			"joe.bloggs@example.com", "~te+st@example.com", `"joe@bloggs"@example.com`, `"\"\\"@example.com`, `""@example.com`,
			"a@[127.0.0.1]", "a@[IPv6:::1]", "a@[ipv6:::1]", "a@[tag:content]", "a@io", "a@123.com", strings.Repeat("l",
				64) + "@example.com",
		},
		[]string{
			"", "2962", "@example.com", "joe@", ".test@example.com", "te..st@example.com", "test.@example.com",
			"joe bloggs@example.com",
			"a@b@c.org", "é@example.com", "a@é.org", "a@example.com\n", "a@example.com.", "a@-example.com", "a@[1.2.3]",
			"a@[]", "a@[127.0.0.300]",
			"a@[IPv6:1.2.3.4]", "\"a\nb\"@example.com", `"a"b@example.com`, `"a\é"@example.com`, "a@inv=alid.com",
			strings.Repeat("l", 65) + "@example.com", "a@" + strings.Repeat("d23456789.", 26) + "com",
		},
	},
	"hostname": {
		[]string{
			"www.example.com", "localhost", "123.com", "1", "r3---sn-abc.example.com", "a-b", strings.Repeat("a", 63) + ".com",
			"xn--4gbwdl.xn--wgbh1c", "XN--4GBWDL.com", "xn--ihqwcrb4cv8a8dqg056pqjye", "xn--bcher-kva.example", "xn--3e0b707e",
			"xn--ll-0ea", strings.Repeat("d23456789.", 24) + "com",
		},
		[]string{
			"", ".", "example.", ".example", "a..b", "-a", "a-", "a_b", "a b", "exämple", strings.Repeat("a",
				64), strings.Repeat("d23456789.", 26) + "com",
			"xn--X", "xn--", "xn--a", "xn--0", "xn--g6h", "XN--aa---o47jg78q", "xn--hello-zed", "xn--07jt112bpxg", "xn--a-2hc5h",
			"xn--defabc-k64e", "xn--aa-0ea", "xn--l-gda", "１.com", "a。b",
		},
	},
	"ipv4": {
		[]string{"192.168.0.1", "0.0.0.0", "255.255.255.255"},
		[]string{
			"", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "+1.2.3.4", "1.2.3.-4", "0x7f.0.0.1", "1.2.3.4/24",
			" 1.2.3.4", "1২7.0.0.1", "2130706433",
		},
	},
	"ipv6": {
		[]string{"::1", "::", "2001:DB8::8:800:200C:417A", "::ffff:192.168.0.1", "1:2:3:4:5:6:7:8"},
		[]string{
			"", "127.0.0.1", ":", "12345::", "1::2::3", "fe80::1%eth0", "::1/64", "[::1]", "1:2:3:4:5:6:7",
			"::192.168.0.256", "::192.168.0.01", "100:100:100:100:100:100:255.255.255.255.255",
		},
	},
	"uri": {
		[]string{
			"http://foo.bar/?baz=qux#quux", "http://-.~_!$&'()*+,;=:%40:80%2f::::::@example.com",
			"ldap://[2001:db8::7]/c=GB?objectClass?one",
			"mailto:John.Doe@example.com", "tel:+1-816-555-1212", "urn:oasis:names:specification", "http://[v1.fe80::a+en1]/",
			"file:///etc/hosts",
			"http://a.com:", "http://:80", "a:", "data:,x", "http://a//b",
		},
		[]string{
			"", "//foo.bar/", "/abc", "abc", `\\WINDOWS\fileshare`, "http:// shouldfail.com", ":// should fail",
			"bar,baz:foo", "http://foo bar",
			"https://example.org/foo bar", "https://example.org/foobar®.txt", `https://example.org/foobar\.txt`,
			`https://example.org/foobar".txt`,
			"https://example.org/<>", "https://example.org/{}", "https://example.org/^", "https://example.org/`",
			"https://example.org/|",
			"https://[@example.org/test.txt", "http://example.com/%6G", "http://example.com/%", "1http://a",
			"http://a.com:abc/", "http://a.com:8:0",
			"http://2001:db8::7/", "http://[::1", "http://[::1]x/", "http://a/#b#c", "http://a@b@c/", "http://a/\u202e",
			"http://a/\n",
		},
	},
	"uri-reference": {
		[]string{"", "#", "#frag", "?q", "/abc", "abc", "//foo.bar/?baz", "../x", "a/b:c", "./b:c", "http://x/y"},
		[]string{`\\WINDOWS\fileshare`, "#frag\\ment", "b,a:c", "1:2", "a b", "%", "é", "#a#b", "/a%2"},
	},
	"iri": {
		[]string{
			"http://ƒøø.ßår/?∂éœ=πîx#πîüx", "http://한국.example/데이터", "http://a/?\ue000", "http://ƒøø.ßår/𐌀",
			"urn:x:é", "http://a/b",
		},
		[]string{
			"", "/abc", "âππ", "http://a/\ue000", "http://a/\u202e", "http://a/\u200f", "http://a/é b",
			"http://2001:db8::7/", "http://a/\ufdd0", "ü:x",
		},
	},
	"iri-reference": {
		[]string{"", "âππ", "#ƒrägmênt", "//ƒøø.ßår/", "http://a/b"},
		[]string{`\\WINDOWS\filëßåré`, "#ƒräg\\mênt", "ü:x", "a b"},
	},
	"uri-template": {
		[]string{
			"", "http://example.com/dictionary/{term:1}/{term}", "dictionary/{term:1}/{term}", "{?x,y}", "{+path}/here",
			"{#x}", "{;list*}", "{a.b}",
			"{%41}", "x%20y", "é", "{=reserved}",
		},
		[]string{
			"http://example.com/{term", "{}", "{ a}", "{a b}", "{a:0}", "{a:10000}", "{a*,}", "{a}}", "{{a}}", "%",
			"a b", "a<b", "a\\b", "{é}", "{a..b}",
		},
	},
	"json-pointer": {
		[]string{"", "/", "/foo//bar~0/baz~1/%a", "/é", "/ ", "/\n"},
		[]string{"foo", "#", "#/a", "/~", "/~2", "/a~", "a/b"},
	},
	"relative-json-pointer": {
		[]string{"1", "0/foo/bar", "2/0/baz/1/zip", "0#", "0+1", "0+1/foo", "1-2/bar", "0-1#", "120/foo", "0//"},
		[]string{"", "/foo", "-1/foo", "+1/foo", "0##", "01/a", "01#", "0+", "0-01", "1foo", "0/~2", "1#/foo", "١/foo", "1\n"},
	},
	"uuid": {
		[]string{
			"2EB8AA08-AA98-11EA-B4AA-73B441D16380", "2eb8aa08-aa98-11ea-b4aa-73b441d16380",
			"00000000-0000-0000-0000-000000000000",
		},
		[]string{
			"", "2eb8aa08-aa98-11ea-b4aa-73b441d1638", "2eb8aa08aa9811eab4aa73b441d16380",
			"2eb8aa08-aa98-11ea-b4aa-73b441d1638g", "{2eb8aa08-aa98-11ea-b4aa-73b441d16380}",
			"urn:uuid:2eb8aa08-aa98-11ea-b4aa-73b441d16380", "2eb8-aa08-aa98-11ea-b4aa73b44-1d16380",
		},
	},
	"semver": {
		[]string{"1.0.0", "0.0.4", "1.0.0-alpha.1", "1.0.0--", "1.0.0+build.01", "1.2.3-0a.b-c+5"},
		[]string{"", "1", "1.2", "01.2.3", "1.2.3-", "1.2.3-01", "1.2.3+", "1.2.3-a..b", "v1.2.3", "1.2.3.4", "1.2.3+é"},
	},
}

func TestFormats(t *testing.T) {
	require.Equal(t, Names(), slices.Sorted(maps.Keys(examples)), "every format has examples")
	for name, c := range examples {
		for _, s := range c.good {
			require.True(t, Valid(name, s), "%s %q", name, s)
		}
		for _, s := range c.bad {
			require.False(t, Valid(name, s), "%s %q", name, s)
		}
	}
}

// FuzzFormats looks for panics, and holds that what is a URI is a URI reference, and
// an IRI.
func FuzzFormats(f *testing.F) {
	for _, c := range examples {
		for _, s := range append(c.good, c.bad...) {
			f.Add(s)
		}
	}
	f.Fuzz(func(t *testing.T, s string) {
		is := map[string]bool{}
		for _, name := range Names() {
			is[name] = Valid(name, s)
		}
		for special, general := range map[string]string{
			"uri": "uri-reference", "iri": "iri-reference", "uri-reference": "iri-reference", "json-pointer": "json-pointer",
		} {
			require.True(t, !is[special] || is[general], "%q is a %s and no %s", s, special, general)
		}
	})
}
