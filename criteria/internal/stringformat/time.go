package stringformat

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

const (
	clock = `[0-9]+H(?:[0-9]+M(?:[0-9]+S)?)?|[0-9]+M(?:[0-9]+S)?|[0-9]+S`
	days  = `[0-9]+D|[0-9]+M(?:[0-9]+D)?|[0-9]+Y(?:[0-9]+M(?:[0-9]+D)?)?`
)

var (
	// durations have no gaps between their units, and weeks stand alone.
	durations = regexp.MustCompile(`^P(?:[0-9]+W|(?:` + days + `)(?:T(?:` + clock + `))?|T(?:` + clock + `))$`)
	times     = regexp.MustCompile(
		`^([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9]|60)(?:\.[0-9]+)?(?:[Zz]|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))$`)
)

// isDate allows no day that its month does not have.
func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil && len(s) == len(time.DateOnly)
}

// isTime allows the second 60 only where it is 23:59:60 in UTC, on any day.
func isTime(s string) bool {
	part := times.FindStringSubmatch(s)
	if part == nil {
		return false
	}
	if part[3] != "60" {
		return true
	}
	const day = 24 * 60
	minute, offset := minutes(part[1], part[2]), minutes(part[5], part[6])
	if part[4] == "+" {
		offset = -offset
	}
	return (minute+offset+day)%day == day-1
}

// minutes reads two numbers of two digits; none is 0.
func minutes(hour, minute string) int {
	h, _ := strconv.Atoi(hour)
	m, _ := strconv.Atoi(minute)
	return 60*h + m
}

func isDateTime(s string) bool {
	const date = len(time.DateOnly)
	return len(s) > date && (s[date] == 'T' || s[date] == 't') && isDate(s[:date]) && isTime(s[date+1:])
}

// isPeriod wants two date-times, or one and a duration.
func isPeriod(s string) bool {
	start, end, _ := strings.Cut(s, "/")
	if durations.MatchString(start) {
		return isDateTime(end)
	}
	return isDateTime(start) && (durations.MatchString(end) || isDateTime(end))
}
