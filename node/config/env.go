package config

import (
	"os"
	"slices"
	"strings"
)

const envPrefix = "PDX_"

// listSettings are the settings with several values, which environment variables
// separate by commas.
var listSettings = []string{
	"roles", "chain.endpoints", "p2p.listen", "p2p.bootstrap", "p2p.peering", "p2p.allow", "p2p.deny", "upload.hours",
}

// fromEnv converts PDX_CHAIN_MAX_FEE into chain.max_fee, and its value. Variables
// that name no section are ignored.
func fromEnv(key, value string) (string, any) {
	name := settingOf(key)
	switch {
	case name == "":
		return "", nil
	case !slices.Contains(listSettings, name):
		return name, value
	case value == "":
		return name, []string{}
	}
	return name, strings.Split(value, ",")
}

// settingOf returns the setting that an environment variable names, or "". The first
// underscore separates section and setting; PDX_CHAIN_TRUST_HASH is chain.trust.hash.
func settingOf(variable string) string {
	name := strings.ToLower(strings.TrimPrefix(variable, envPrefix))
	section, setting, ok := strings.Cut(name, "_")
	switch {
	case slices.Contains([]string{"roles", "blobs", "state"}, name):
		return name
	case !ok || !slices.Contains([]string{"chain", "p2p", "relay", "api", "seller", "validator", "buyer", "upload", "log"}, section):
		return ""
	}
	if rest, ok := strings.CutPrefix(setting, "trust_"); ok && section == "chain" {
		return "chain.trust." + rest
	}
	return section + "." + setting
}

// settingsFromEnv returns the names of the environment variables that change the
// configuration.
func settingsFromEnv() (names []string) {
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, envPrefix) && settingOf(name) != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
