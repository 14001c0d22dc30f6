package message

import (
	"embed"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/language"
)

//go:embed *.yaml
var files embed.FS

// English is the catalogue to which every other one falls back.
const english = "en"

// all are the catalogues of all languages, each completed with English, by tag.
var all = sync.OnceValues(func() (map[string]*Catalog, error) {
	entries, err := files.ReadDir(".")
	if err != nil {
		return nil, err
	}
	found := map[string]*Catalog{}
	for _, entry := range entries {
		lang := strings.TrimSuffix(entry.Name(), path.Ext(entry.Name()))
		raw, err := files.ReadFile(entry.Name())
		if err != nil {
			return nil, err
		}
		if found[lang], err = Parse(lang, raw); err != nil {
			return nil, err
		}
	}
	for _, c := range found {
		missing := maps.Clone(found[english].texts)
		maps.Copy(missing, c.texts)
		c.texts = missing
	}
	return found, nil
})

// Languages returns the tags of all languages that have a catalogue, English first.
func Languages() []string {
	found, _ := all() // an error is an empty map: the tests parse each file
	tags := slices.Sorted(maps.Keys(found))
	return append([]string{english}, slices.DeleteFunc(tags, func(tag string) bool { return tag == english })...)
}

// For returns the catalogue that suits best: wanted are languages in order of
// preference, as BCP 47 tags, locales such as ko_KR.UTF-8, or an Accept-Language header.
// Without a match it is English.
func For(wanted ...string) *Catalog {
	found, err := all()
	if err != nil {
		return &Catalog{lang: language.English}
	}
	tags := Languages()
	supported := make([]language.Tag, len(tags))
	for i, tag := range tags {
		supported[i] = language.Make(tag)
	}
	for i, w := range wanted {
		w, _, _ = strings.Cut(w, ".") // ko_KR.UTF-8
		wanted[i] = strings.ReplaceAll(w, "_", "-")
	}
	_, at := language.MatchStrings(language.NewMatcher(supported), wanted...)
	return found[tags[at]]
}

// Source returns a catalogue file as it is; nil if there is none.
func Source(lang string) []byte {
	raw, err := files.ReadFile(lang + ".yaml")
	if err != nil {
		return nil
	}
	return raw
}
