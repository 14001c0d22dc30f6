package dicom

import (
	"strings"

	"github.com/suyashkumar/dicom/pkg/tag"

	"github.com/medibloc/pdx/criteria/format"
)

// element is an element that is in the record.
type element struct {
	tag   number
	vr    string
	info  tag.Info
	value []byte
	items [][]element // of a sequence
}

// file is what counts of a file.
type file struct {
	elements []element
	charset  string
	long     bool // its values are longer than a record may be
}

// parser reads a file.
type parser struct {
	in       input
	explicit bool
	count    int
	left     int64 // bytes of values that are still kept
	file     *file
}

// parse reads a file whose record has at most limit bytes.
func parse(src format.Source, limit uint64) (*file, error) {
	p := &parser{in: input{src: src}, left: int64(limit), file: &file{}}
	if err := p.meta(); err != nil {
		return nil, err
	}
	elements, err := p.elements(src.Size, 0, false)
	if err != nil {
		return nil, err
	}
	p.file.elements = elements
	return p.file, nil
}

// The transfer syntaxes that are known: those of uncompressed and of encapsulated pixels.
const (
	implicitSyntax = "1.2.840.10008.1.2"
	explicitSyntax = "1.2.840.10008.1.2.1"
)

var encapsulated = []string{"1.2.840.10008.1.2.4.", "1.2.840.10008.1.2.5"}

// meta reads the preamble and the elements of group 2, and goes by the transfer syntax.
func (p *parser) meta() error {
	if p.in.src.Size < 144 {
		return broken("%d bytes are too few", p.in.src.Size)
	}
	b, err := p.in.take(132, p.in.src.Size)
	if err != nil {
		return err
	}
	if string(b[128:]) != "DICM" {
		return broken("it has no DICM at byte 128")
	}
	h, err := p.in.next(true, p.in.src.Size)
	if err != nil {
		return err
	}
	if h.tag != tagMetaLength || h.vr != "UL" || h.length != 4 {
		return broken("it does not begin with the length of group 2")
	}
	if b, err = p.in.take(4, p.in.src.Size); err != nil {
		return err
	}
	size := int64(b[0]) | int64(b[1])<<8 | int64(b[2])<<16 | int64(b[3])<<24
	if size > maxMeta || size > p.in.src.Size-p.in.at {
		return broken("group 2 has %d bytes", size)
	}
	syntax := ""
	for end, last := p.in.at+size, tagMetaLength; p.in.at < end; last = h.tag {
		if h, err = p.in.next(true, end); err != nil {
			return err
		}
		if h.tag>>16 != 2 || h.tag <= last {
			return broken("%v in group 2", h.tag)
		}
		if b, err = p.in.take(int64(h.length), end); err != nil {
			return err
		}
		if h.tag == tagSyntax {
			syntax = strings.TrimRight(string(b), "\x00 ")
		}
	}
	return p.syntax(syntax)
}

func (p *parser) syntax(name string) error {
	p.explicit = name != implicitSyntax
	known := name == implicitSyntax || name == explicitSyntax
	for _, prefix := range encapsulated {
		known = known || strings.HasPrefix(name, prefix)
	}
	if !known {
		return broken("its transfer syntax is none of those that are known")
	}
	return nil
}

// elements reads elements up to end, or up to the end of an item whose length is not known.
func (p *parser) elements(end int64, nesting int, open bool) (kept []element, err error) {
	last := number(0)
	for p.in.at < end {
		h, err := p.in.next(p.explicit, end)
		if err != nil {
			return nil, err
		}
		if open && h.tag == tagItemEnd && h.length == 0 {
			return kept, nil
		}
		if h.tag <= last || h.tag>>16 <= 2 || h.tag >= tagItem && h.tag <= tagEnd {
			return nil, broken("%v is out of order", h.tag)
		}
		last = h.tag
		e, keep, err := p.element(h, end, nesting)
		if err != nil {
			return nil, err
		}
		if keep {
			kept = append(kept, e)
		}
	}
	if open {
		return nil, broken("an item without an end")
	}
	return kept, nil
}

// element reads the value of an element. It is kept if a record has it.
func (p *parser) element(h head, end int64, nesting int) (e element, keep bool, err error) {
	e = element{tag: h.tag, vr: h.vr}
	if p.count++; p.count > maxElements {
		return e, false, broken("more than %d elements", maxElements)
	}
	info, unknown := tag.Find(tag.Tag{Group: uint16(h.tag >> 16), Element: uint16(h.tag & 0xffff)})
	if h.tag.private() || h.tag.groupLength() || unknown != nil || info.Keyword == "" {
		info = tag.Info{}
	}
	e.info = info
	if e.vr == "" && len(info.VRs) == 1 { // where it is left open, the element is not in a record
		e.vr = info.VRs[0]
	}
	switch {
	case e.vr == "SQ" || h.length == undefined && h.tag != tagPixels:
		if e.items, err = p.sequence(h, end, nesting+1); err != nil {
			return e, false, err
		}
		return e, e.vr == "SQ" && info.Keyword != "", nil
	case h.length == undefined:
		return e, false, p.fragments(end)
	case !longForm[e.vr] && e.vr != "" && h.length > maxShort:
		return e, false, broken("%v has %d bytes", h.tag, h.length)
	case info.Keyword == "" || !recorded[e.vr]:
		return e, false, p.in.pass(int64(h.length), end)
	}
	if p.left -= int64(h.length); p.left < 0 {
		p.file.long = true
		return e, false, p.in.pass(int64(h.length), end)
	}
	b, err := p.in.take(int64(h.length), end)
	if err != nil {
		return e, false, err
	}
	e.value = append([]byte(nil), b...)
	if h.tag == tagCharset { // says how others are read, and is no data
		if nesting == 0 {
			p.file.charset = trimmed(e.value, true)
		}
		return e, false, nil
	}
	return e, true, nil
}

// sequence reads the items of a sequence.
func (p *parser) sequence(h head, end int64, nesting int) (items [][]element, err error) {
	if nesting > maxNesting {
		return nil, broken("sequences in more than %d others", maxNesting)
	}
	if h.length != undefined {
		if int64(h.length) > end-p.in.at {
			return nil, broken("a sequence of %d bytes where %d are left", h.length, end-p.in.at)
		}
		end = p.in.at + int64(h.length)
	}
	explicit := p.explicit
	if h.vr == "UN" { // its items are written without representations
		p.explicit = false
	}
	defer func() { p.explicit = explicit }()
	for p.in.at < end {
		item, err := p.in.next(p.explicit, end)
		if err != nil {
			return nil, err
		}
		if h.length == undefined && item.tag == tagEnd && item.length == 0 {
			return items, nil
		}
		if p.count++; item.tag != tagItem || p.count > maxElements {
			return nil, broken("%v instead of an item", item.tag)
		}
		itemEnd := end
		if item.length != undefined {
			if int64(item.length) > end-p.in.at {
				return nil, broken("an item of %d bytes where %d are left", item.length, end-p.in.at)
			}
			itemEnd = p.in.at + int64(item.length)
		}
		elements, err := p.elements(itemEnd, nesting, item.length == undefined)
		if err != nil {
			return nil, err
		}
		items = append(items, elements)
	}
	if h.length == undefined {
		return nil, broken("a sequence without an end")
	}
	return items, nil
}

// fragments passes over compressed pixels.
func (p *parser) fragments(end int64) error {
	for {
		h, err := p.in.next(p.explicit, end)
		if err != nil {
			return err
		}
		if h.tag == tagEnd && h.length == 0 {
			return nil
		}
		if h.tag != tagItem || h.length == undefined {
			return broken("%v among the pixels", h.tag)
		}
		if err := p.in.pass(int64(h.length), end); err != nil {
			return err
		}
	}
}
