package stringformat

import (
	"maps"
	"regexp"
	"slices"
)

// formats are all formats but "regex", which the criteria's dialect decides.
var formats = map[string]func(s string) bool{
	"date":                  isDate,
	"time":                  isTime,
	"date-time":             isDateTime,
	"duration":              durations.MatchString,
	"period":                isPeriod,
	"email":                 isEmail,
	"hostname":              isHostname,
	"ipv4":                  ipv4s.MatchString,
	"ipv6":                  isIPv6,
	"uri":                   uriSyntax{}.isAbsolute,
	"uri-reference":         uriSyntax{}.isReference,
	"iri":                   uriSyntax{international: true}.isAbsolute,
	"iri-reference":         uriSyntax{international: true}.isReference,
	"uri-template":          isTemplate,
	"json-pointer":          pointers.MatchString,
	"relative-json-pointer": relativePointers.MatchString,
	"uuid":                  uuids.MatchString,
	"semver":                semvers.MatchString,
}

// Names returns the names of all formats, sorted.
func Names() []string { return slices.Sorted(maps.Keys(formats)) }

// Valid reports whether s is of a format. It panics for a format that Names does not
// have. The time that it takes is linear in the length of s.
func Valid(name, s string) bool { return formats[name](s) }

var (
	pointers         = regexp.MustCompile(`^` + pointer + `$`)
	relativePointers = regexp.MustCompile(`^` + number + `(?:[+-]` + number + `)?(?:#|` + pointer + `)$`)
	uuids            = regexp.MustCompile(`^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)
	semvers          = regexp.MustCompile(`^` + number + `\.` + number + `\.` + number +
		`(?:-` + prerelease + `(?:\.` + prerelease + `)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$`)
)

const (
	number     = `(?:0|[1-9][0-9]*)`
	pointer    = `(?s:(?:/(?:[^~/]|~[01])*)*)`
	prerelease = `(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)`
)
