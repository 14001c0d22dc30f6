package format

import (
	"fmt"
	"slices"
	"strings"

	"github.com/medibloc/pdx"
)

// Registry is the formats that a program knows. It does not change once it is made.
type Registry struct {
	formats []Format
}

// New makes a registry. It refuses, with pdx.ErrInvalid, two formats with the same
// media type or two files with the same extension, and what is neither a File nor
// a Folder.
func New(formats ...Format) (*Registry, error) {
	var taken []string
	for _, f := range formats {
		names := []string{f.MediaType()}
		switch f.(type) {
		case File:
			names = append(names, f.Extensions()...)
		case Folder:
		default:
			return nil, fmt.Errorf("format %s: %w: neither a file nor a folder", f.MediaType(), pdx.ErrInvalid)
		}
		for _, name := range names {
			if name == "" || slices.Contains(taken, name) {
				return nil, fmt.Errorf("format %s: %w: %q is missing or in use by another format", f.MediaType(), pdx.ErrInvalid, name)
			}
			taken = append(taken, name)
		}
	}
	return &Registry{slices.Clone(formats)}, nil
}

// Get returns the format of a media type. The error is pdx.ErrInvalid and lists
// those that are known.
func (r *Registry) Get(mediaType string) (Format, error) {
	for _, f := range r.formats {
		if f.MediaType() == mediaType {
			return f, nil
		}
	}
	return nil, fmt.Errorf("%w: media type %q is unknown: choose %s, or install a version of pdx that knows it",
		pdx.ErrInvalid, mediaType, List(r.MediaTypes()))
}

// ForFile returns the format of a file by the end of its name, in any case; the
// longest extension counts. The error is pdx.ErrInvalid and lists those that are
// known.
func (r *Registry) ForFile(name string) (File, error) {
	var found File
	longest, lower := 0, strings.ToLower(name)
	for _, f := range r.formats {
		file, ok := f.(File)
		if !ok {
			continue
		}
		for _, ext := range f.Extensions() {
			if len(ext) > longest && strings.HasSuffix(lower, ext) {
				found, longest = file, len(ext)
			}
		}
	}
	if found == nil {
		return nil, fmt.Errorf("%w: %q has no known extension: the name must end with %s", pdx.ErrInvalid, name, List(r.Extensions()))
	}
	return found, nil
}

// ForContent returns the format of a file that is f by its name, and begins with head.
func (r *Registry) ForContent(f File, head []byte) File {
	for _, other := range r.formats {
		if other, ok := other.(Recognizer); ok && other.Recognizes(f, head) {
			return other
		}
	}
	return f
}

// ForFolder returns the format of a folder whose media type is not given: the one whose
// description it has, else the first that needs none. has reports whether the folder has a
// file of that path.
func (r *Registry) ForFolder(has func(path string) bool) (Folder, error) {
	var plain Folder
	for _, f := range r.formats {
		folder, ok := f.(Folder)
		described, needs := f.(Described)
		switch {
		case needs && has(described.Description()):
			return described, nil
		case ok && !needs && plain == nil:
			plain = folder
		}
	}
	if plain == nil {
		return nil, fmt.Errorf("%w: no format of folders is known", pdx.ErrInvalid)
	}
	return plain, nil
}

// MediaTypes lists the media types of all formats.
func (r *Registry) MediaTypes() (all []string) {
	for _, f := range r.formats {
		all = append(all, f.MediaType())
	}
	return all
}

// Extensions lists the extensions of all files.
func (r *Registry) Extensions() (all []string) {
	for _, f := range r.formats {
		if _, ok := f.(File); ok {
			all = append(all, f.Extensions()...)
		}
	}
	return all
}

// List joins alternatives: "a, b or c".
func List(all []string) string {
	if n := len(all) - 1; n > 0 {
		return strings.Join(all[:n], ", ") + " or " + all[n]
	}
	return strings.Join(all, "")
}
