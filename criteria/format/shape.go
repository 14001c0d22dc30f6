package format

// Shape is what formats need to know of a schema, because their bytes do not say it: a
// cell of a table has no type. Formats whose text has types ignore it. A nil Shape is
// that of a schema that says nothing.
type Shape struct {
	// Columns are the types of the members of a record that are not text, by name.
	Columns map[string]Column
	// Resources are the values that the member resourceType may have, sorted; nil: any.
	Resources []string
}

// Column is the type of a column of a table.
type Column uint8

// A column is text unless the schema says otherwise.
const (
	Text Column = iota
	Number
	Boolean
)

// Column returns the type of the column with that name.
func (s *Shape) Column(name string) Column {
	if s == nil {
		return Text
	}
	return s.Columns[name]
}
