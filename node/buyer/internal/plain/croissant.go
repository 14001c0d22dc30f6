package plain

import (
	"encoding/json"
	"fmt"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/criteria/fields"
	"github.com/medibloc/pdx/criteria/flat"
	"github.com/medibloc/pdx/node/model"
)

// croissantVersion is the specification that croissant.json conforms to.
const croissantVersion = "http://mlcommons.org/croissant/1.1"

// object is a JSON object.
type object = map[string]any

// croissant describes the folder for tools that read datasets.
func (b *build) croissant(now time.Time) object {
	d := object{
		"@context": croissantContext(), "@type": "sc:Dataset", "conformsTo": croissantVersion,
		"name":        fmt.Sprintf("pool-%v", b.Pool.ID),
		"description": b.description(), "license": b.license(), "version": "1.0.0",
		"url":           fmt.Sprintf("urn:x-pdx:%s:pool:%v", url.PathEscape(b.ChainID), b.Pool.ID),
		"datePublished": now.Format(time.DateOnly), "creator": b.sellers(),
		"distribution": b.distribution(),
	}
	if set := b.recordSet(); set != nil {
		d["recordSet"] = []object{set}
	}
	return d
}

func (b *build) description() string {
	if b.Document.Description != "" {
		return b.Document.Title + ": " + b.Document.Description
	}
	return b.Document.Title
}

// license is what the sellers agreed to: the terms of the pool.
func (b *build) license() object {
	terms := []string{}
	for _, t := range b.Pool.Terms {
		terms = append(terms, strings.TrimSuffix(t.Title+": "+t.Description, ": "))
	}
	return object{"@type": "sc:CreativeWork", "name": "Terms of the pool", "text": strings.Join(terms, "\n")}
}

func (b *build) sellers() (list []object) {
	seen := map[pdx.Address]bool{}
	for _, d := range b.Deals {
		if !seen[d.Seller] {
			seen[d.Seller] = true
			list = append(list, object{"@type": "sc:Organization", "name": string(d.Seller)})
		}
	}
	return list
}

// mediaTypes are those by which readers of Croissant know the formats.
var mediaTypes = map[string]string{
	model.PlainNDJSON: "application/jsonlines", model.PlainCSV: "text/csv", model.PlainParquet: "application/x-parquet",
}

// dealFiles is the id of the set of files of records, where there are several.
const dealFiles = "deals"

func (b *build) distribution() (list []object) {
	for _, f := range b.plain.Files {
		kind := mediaTypes[strings.TrimPrefix(path.Ext(f.Path), ".")]
		if kind == "" || strings.Contains(f.Path, "/") {
			kind = "application/octet-stream"
		}
		at := (&url.URL{Path: f.Path}).EscapedPath()
		list = append(list, object{
			"@type": "cr:FileObject", "@id": at, "name": f.Path, "contentUrl": at, "contentSize": fmt.Sprintf("%d B", f.Size),
			"encodingFormat": kind, "sha256": fmt.Sprintf("%x", f.SHA256),
		})
	}
	if !b.Order.Merge {
		list = append(list, object{
			"@type": "cr:FileSet", "@id": dealFiles, "includes": "deal-*." + b.Order.Format, "encodingFormat": mediaTypes[b.Order.Format],
		})
	}
	return list
}

// recordSet has a field for each column; nil if the records have none.
func (b *build) recordSet() object {
	columns := b.columns.List()
	if len(columns) == 0 {
		return nil
	}
	source := object{"fileSet": object{"@id": dealFiles}}
	if b.Order.Merge {
		source = object{"fileObject": object{"@id": merged + "." + b.Order.Format}}
	}
	var list []object
	byPointer := map[string]object{}
	for _, c := range columns {
		f := b.field(c)
		f["source"] = object{"extract": b.extract(c)}
		for name, from := range source {
			f["source"].(object)[name] = from
		}
		list = append(list, f)
		byPointer["/"+c.Name()] = object{"@id": f["@id"]}
	}
	set := object{"@type": "cr:RecordSet", "@id": merged, "name": merged, "field": list}
	if key := keyOf(b.Document.Unique, byPointer); b.plain.Keyed && key != nil && b.Order.Merge {
		set["key"] = key
	}
	return set
}

// keyOf is the first unique key of which every part is a column.
func keyOf(unique [][]string, columns map[string]object) []object {
	for _, key := range unique {
		var list []object
		for _, pointer := range key {
			if c := columns[pointer]; c != nil {
				list = append(list, c)
			}
		}
		if len(list) == len(key) {
			return list
		}
	}
	return nil
}

// dataTypes are the types of columns in the words of Croissant.
var dataTypes = map[flat.Type]string{
	flat.Boolean: "sc:Boolean", flat.Integer: "sc:Integer", flat.Float: "sc:Float", flat.Text: "sc:Text", flat.JSON: "sc:Text",
}

// field describes a column: as the schema does, or by the purpose that its field has.
func (b *build) field(c flat.Column) object {
	f := object{"@type": "cr:Field", "@id": merged + "/" + url.PathEscape(c.Name()), "name": c.Name(), "dataType": dataTypes[c.Kinds.Type()]}
	says := schemaAt(b.Document.Schema, c.Path)
	if c.Kinds.Type() == flat.Text {
		switch says.Format {
		case "date":
			f["dataType"] = "sc:Date"
		case "date-time":
			f["dataType"] = "sc:DateTime"
		}
	}
	switch purpose := b.purpose(c.Path); {
	case says.Description != "":
		f["description"] = says.Description
	case says.Title != "":
		f["description"] = says.Title
	case purpose != "":
		f["description"] = purpose
	}
	return f
}

// purpose is that of the field of the criteria to which a column belongs.
func (b *build) purpose(at []string) string {
	for _, f := range b.Document.Fields {
		if p, err := fields.ParsePointer(f.Pointer); err == nil && p.Covers(at) {
			return f.Purpose
		}
	}
	return ""
}

// extract says where a reader finds the values of a column.
func (b *build) extract(c flat.Column) object {
	if b.Order.Format != model.PlainNDJSON {
		return object{"column": c.Name()}
	}
	at := "$"
	for _, name := range c.Path {
		at += "['" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(name) + "']"
	}
	return object{"jsonPath": at}
}

// schema is what a schema says of itself.
type schema struct {
	Title       string                     `json:"title"`
	Description string                     `json:"description"`
	Format      string                     `json:"format"`
	Properties  map[string]json.RawMessage `json:"properties"`
}

// schemaAt is what the schema of the buyer's own criteria says at a path of properties. A
// part that has another form says nothing.
func schemaAt(raw json.RawMessage, at []string) (s schema) {
	for i := 0; ; i++ {
		s = schema{}
		if json.Unmarshal(raw, &s) != nil {
			return schema{}
		}
		if i == len(at) {
			return s
		}
		if raw = s.Properties[at[i]]; raw == nil {
			return schema{}
		}
	}
}

// croissantContext is the one that the specification recommends.
func croissantContext() object {
	c := object{
		"@language": "en", "@vocab": "http://schema.org/", "sc": "http://schema.org/", "cr": "http://mlcommons.org/croissant/",
		"dct": "http://purl.org/dc/terms/", "conformsTo": "dct:conformsTo",
		"dataType": object{"@id": "cr:dataType", "@type": "@vocab"},
	}
	for _, name := range []string{
		"column", "extract", "field", "fileObject", "fileSet", "includes", "jsonPath", "key", "recordSet", "source",
	} {
		c[name] = "cr:" + name
	}
	return c
}
