package dicom_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	lib "github.com/suyashkumar/dicom"
	"github.com/suyashkumar/dicom/pkg/tag"

	"github.com/stretchr/testify/require"

	"github.com/medibloc/pdx/criteria/fields"
	"github.com/medibloc/pdx/criteria/format"
	"github.com/medibloc/pdx/criteria/format/dicom"
	"github.com/medibloc/pdx/criteria/format/formattest"
)

const (
	explicit = "1.2.840.10008.1.2.1"
	implicit = "1.2.840.10008.1.2"
	jpeg     = "1.2.840.10008.1.2.4.50"
)

// el is an element, written with a representation unless that is empty.
func el(group, number uint16, vr, value string) string {
	if len(value)%2 == 1 {
		value += " "
	}
	b := binary.LittleEndian.AppendUint16(nil, group)
	b = binary.LittleEndian.AppendUint16(b, number)
	switch {
	case vr == "":
		b = binary.LittleEndian.AppendUint32(b, uint32(len(value)))
	case slices.Contains(strings.Fields("OB OD OF OL OV OW SQ SV UC UN UR UT UV"), vr):
		b = binary.LittleEndian.AppendUint32(append(append(b, vr...), 0, 0), uint32(len(value)))
	default:
		b = binary.LittleEndian.AppendUint16(append(b, vr...), uint16(len(value)))
	}
	return string(b) + value
}

// open is a head whose length is not told.
func open(group, number uint16, vr string) string {
	b := []byte(el(group, number, vr, ""))
	copy(b[len(b)-4:], "\xff\xff\xff\xff")
	return string(b)
}

func item(elements ...string) string { return el(0xfffe, 0xe000, "", strings.Join(elements, "")) }

func le16(n uint16) string { return string(binary.LittleEndian.AppendUint16(nil, n)) }

// dcm is a file of elements.
func dcm(syntax string, elements ...string) string {
	meta := el(2, 1, "OB", "\x00\x01") + el(2, 2, "UI", "1.2.840.10008.5.1.4.1.1.2\x00") + el(2, 3, "UI", "1.2.3.4.5\x00") +
		el(2, 0x10, "UI", syntax+"\x00"[:len(syntax)%2])
	length := binary.LittleEndian.AppendUint32(nil, uint32(len(meta)))
	return strings.Repeat("\x00", 128) + "DICM" + el(2, 0, "UL", string(length)) + meta + strings.Join(elements, "")
}

var (
	charset = el(8, 5, "CS", "ISO_IR 192")
	private = el(9, 0x10, "LO", "SECRET") + el(9, 0x1001, "UN", "SECRET")
	pixels  = el(0x7fe0, 0x10, "OW", "SECRET SECRET")
)

// header has every kind of element.
var header = []string{
	charset, el(8, 8, "CS", `ORIGINAL\PRIMARY`), el(8, 0x18, "UI", "1.2.3\x00"), el(8, 0x20, "DA", "20240229"), el(8, 0x50, "SH", ""), private,
	el(8+2, 0, "UL", "\x00\x00\x00\x00"),
	el(0x10, 0x10, "PN", "Müller^Ada"), el(0x10, 0x1030, "DS", "+061.50"), el(0x20, 0x13, "IS", "007"), el(0x20, 0x32, "DS", `-.5\1e2\ 3.\`),
	el(0x28, 0x10, "US", le16(512)), el(0x28, 9, "AT", "\x18\x00\x63\x10")[:0],
	el(0x40, 0x275, "SQ", item(el(0x40, 7, "LO", "a\\b"), el(0x40, 8, "SQ", item(el(8, 0x100, "SH", "C"))))+item()),
	pixels,
}

const record = `{"ImageType":["ORIGINAL","PRIMARY"],"SOPInstanceUID":"1.2.3","StudyDate":"20240229",` +
	`"PatientName":"Müller^Ada","PatientWeight":61.50,` +
	`"InstanceNumber":7,"ImagePositionPatient":[-0.5,1e2,3,null],"Rows":512,` +
	`"RequestAttributesSequence":[{"ScheduledProcedureStepDescription":"a\\b","ScheduledProtocolCodeSequence":[{"CodeValue":"C"}]},{}]}`

func read(t testing.TB, data string) (string, error) {
	t.Helper()
	r := dicom.Format{}.Read(formattest.Source(data), format.Options{MaxRecord: 1 << 20})
	raw, err := r.Next()
	return string(raw), err
}

// TestMapping is the mapping of docs/spec/dicom.md, to the byte.
func TestMapping(t *testing.T) {
	got, err := read(t, dcm(explicit, header...))
	require.NoError(t, err)
	require.Equal(t, record, got)

	t.Run("other encodings of the same", func(t *testing.T) {
		nested := open(0x40, 0x275, "SQ") + open(0xfffe, 0xe000, "") + el(0x40, 7, "LO", "a\\b") + open(0x40, 8, "SQ") +
			item(el(8, 0x100, "SH", "C")) + el(0xfffe, 0xe0dd, "", "") + el(0xfffe, 0xe00d, "", "") + item() + el(0xfffe, 0xe0dd, "", "")
		encapsulated := open(0x7fe0, 0x10, "OB") + item("") + item("SECRET") + el(0xfffe, 0xe0dd, "", "")
		other := append(append([]string{}, header[:len(header)-2]...), nested, encapsulated)
		got, err := read(t, dcm(jpeg, other...))
		require.NoError(t, err)
		require.Equal(t, record, got)
	})
	t.Run("implicit", func(t *testing.T) {
		got, err := read(t, dcm(implicit, el(8, 8, "", `A\B`), el(0x10, 0x1030, "", "60"),
			el(0x28, 0x10, "", le16(7)), el(0x28, 0x106, "", le16(1)),
			el(0x40, 0x275, "", item(el(0x40, 7, "", "x"))), el(0x7fe0, 0x10, "", "SECRET")))
		require.NoError(t, err)
		require.Equal(t, `{"ImageType":["A","B"],"PatientWeight":60,"Rows":7,`+
			`"RequestAttributesSequence":[{"ScheduledProcedureStepDescription":"x"}]}`, got)
	})
	t.Run("Latin-1", func(t *testing.T) {
		got, err := read(t, dcm(explicit, el(8, 5, "CS", "ISO_IR 100"), el(0x10, 0x10, "PN", "M\xfcller")))
		require.NoError(t, err)
		require.Equal(t, `{"PatientName":"Müller"}`, got)
	})
}

func TestWrong(t *testing.T) {
	long := []byte(el(0x10, 0x10, "PN", "SECRET"))
	long[6] = 200
	odd := []byte(el(0x10, 0x10, "PN", "SECRET"))
	odd[6]--
	wrong := map[string]formattest.Spoiled{}
	for name, data := range map[string]string{
		"a lying length":              dcm(explicit, string(long)),
		"an odd length":               dcm(explicit, string(odd), " "),
		"an item beyond its sequence": dcm(explicit, el(0x40, 0x275, "SQ", string(append([]byte(item()[:4]), 99, 0, 0, 0)))),
		"a sequence without an end":   dcm(explicit, open(0x40, 0x275, "SQ"), item()),
		"an order that goes back":     dcm(explicit, el(0x10, 0x10, "PN", "x"), el(8, 8, "CS", "x")),
		"an element twice":            dcm(explicit, el(0x10, 0x10, "PN", "x"), el(0x10, 0x10, "PN", "SECRET")),
		"no representation":           dcm(explicit, el(0x10, 0x10, "", "SECRET")),
		"big endian":                  dcm("1.2.840.10008.1.2.2"),
		"deflated":                    dcm("1.2.840.10008.1.2.1.99"),
		"no mark":                     strings.Repeat("SECRET", 50),
		"few bytes":                   "DICM",
		"cut off":                     dcm(explicit, header...)[:300],
		"sequences in sequences":      dcm(explicit, strings.Repeat(open(0x40, 0x275, "SQ")+open(0xfffe, 0xe000, ""), 40)),
		"pixels without an end":       dcm(jpeg, open(0x7fe0, 0x10, "OB"), item("x")),
	} {
		wrong[name] = formattest.Spoiled{Data: data, Rule: dicom.RuleDICOM}
	}
	for name, data := range map[string]string{
		"no number":        el(0x10, 0x1030, "DS", "SECRET"),
		"no whole number":  el(0x20, 0x13, "IS", "1.5"),
		"only a point":     el(0x10, 0x1030, "DS", "."),
		"no character set": el(0x10, 0x10, "PN", "M\xfcller"),
		"not a number":     el(0x18, 0x9087, "FD", "\x00\x00\x00\x00\x00\x00\xf8\x7f"),
		"two for one":      el(0x28, 0x10, "US", "\x01\x00\x02\x00"),
		"half of a number": el(0x28, 0x9, "AT", "\x01\x00"),
	} {
		wrong[name] = formattest.Spoiled{Data: dcm(explicit, data), Rule: dicom.RuleValue, Record: 1}
	}
	for name, spoiled := range wrong {
		_, err := read(t, spoiled.Data)
		var defect *format.Defect
		require.ErrorAs(t, err, &defect, name)
		require.Equal(t, spoiled.Rule, defect.Rule, "%s: %v", name, defect)
		require.NotContains(t, defect.Error(), "SECRET", name)
	}
}

func suite() formattest.Case {
	id := func(text string) string { return dcm(explicit, el(0x10, 0x20, "LO", text)) }
	return formattest.Case{
		Format: dicom.Format{}, Good: id("one"), Records: []string{`{"PatientID":"one"}`}, Empty: "",
		Spoiled: map[string]formattest.Spoiled{"cut off": {Data: id("SECRET")[:200], Rule: dicom.RuleDICOM}},
	}
}

func FuzzDICOM(f *testing.F) {
	f.Add([]byte(dcm(explicit, header...)))
	f.Add([]byte(dcm(implicit, el(8, 8, "", `A\B`), el(0x40, 0x275, "", item(el(0x40, 7, "", "x"))))))
	formattest.Fuzz(f, suite())
}

// TestProjection: what is projected has the selected members, and nothing of the others.
func TestProjection(t *testing.T) {
	for want, pointers := range map[string][]string{
		record: {""},
		`{"PatientName":"Müller^Ada","RequestAttributesSequence":[{"ScheduledProtocolCodeSequence":[{"CodeValue":"C"}]},{}]}`: {
			"/PatientName", "/RequestAttributesSequence/ScheduledProtocolCodeSequence/CodeValue",
		},
		`{"PatientWeight":61.50}`: {"/PatientWeight", "/Nothing", "/Rows/x"},
		`{}`:                      {"/Nothing"},
	} {
		list, err := fields.Parse(pointers)
		require.NoError(t, err)
		keep := fields.Selection{Tree: fields.NewTree(list), Positions: true}
		var once, twice bytes.Buffer
		done, err := dicom.Format{}.Project(t.Context(), &once, formattest.Source(dcm(explicit, header...)), keep)
		require.NoError(t, err)
		require.Equal(t, format.Projection{Records: 1, Bytes: uint64(once.Len())}, done)
		got, err := read(t, once.String())
		require.NoError(t, err)
		require.Equal(t, want, got)
		require.NotContains(t, once.String(), "SECRET")
		require.NotContains(t, once.String(), "1.2.3.4.5", "no identifier of group 2")
		_, err = dicom.Format{}.Project(t.Context(), &twice, formattest.Source(once.String()), keep)
		require.NoError(t, err)
		require.Equal(t, once.String(), twice.String())
		agrees(t, once.String(), strings.Contains(want, "PatientName"))
	}
	full := errors.New("the disk is full")
	_, err := dicom.Format{}.Project(t.Context(), failing{full}, formattest.Source(dcm(explicit)), fields.Selection{})
	require.ErrorIs(t, err, full)
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// agrees reads a projection by another implementation.
func agrees(t *testing.T, data string, named bool) {
	t.Helper()
	set, err := lib.Parse(strings.NewReader(data), int64(len(data)), nil, lib.SkipPixelData())
	require.NoError(t, err)
	name, err := set.FindElementByTag(tag.PatientName)
	if named {
		require.NoError(t, err)
		require.Equal(t, []string{"Müller^Ada"}, name.Value.GetValue())
	} else {
		require.Error(t, err)
	}
}

// Pixels are passed over, not read.
func TestPixelsAreNotRead(t *testing.T) {
	head := []byte(dcm(explicit, el(0x10, 0x20, "LO", "x"), el(0x7fe0, 0x10, "OW", "")))
	binary.LittleEndian.PutUint32(head[len(head)-4:], 1<<31)
	src := formattest.Repeat(string(head), "xx", "", 1<<30)
	counted := &countedReaderAt{ReaderAt: src.ReaderAt}
	raw, err := dicom.Format{}.Read(format.Source{ReaderAt: counted, Size: src.Size}, format.Options{MaxRecord: 1000}).Next()
	require.NoError(t, err)
	require.Equal(t, `{"PatientID":"x"}`, string(raw))
	require.Less(t, counted.n, 100_000)
	_, err = dicom.Format{}.Read(formattest.Repeat(string(head), "xx", "", 1<<29), format.Options{MaxRecord: 1000}).Next()
	require.Error(t, err, "a length that lies")
}

type countedReaderAt struct {
	io.ReaderAt
	n int
}

func (c *countedReaderAt) ReadAt(p []byte, off int64) (int, error) {
	c.n += len(p)
	return c.ReaderAt.ReadAt(p, off)
}
