package strict

import "encoding/json"

// Decode is the one JSON value that data holds: map[string]any, []any, string,
// json.Number with its exact text, bool or nil. The error is an *Error.
func Decode(data []byte) (any, error) {
	s := NewScanner(data)
	v, err := s.value()
	if err != nil {
		return nil, err
	}
	return v, s.End()
}

func (s *Scanner) value() (any, error) {
	switch s.Peek() {
	case '{':
		return s.object()
	case '[':
		return s.array()
	}
	raw, err := s.Scalar()
	if err != nil {
		return nil, err
	}
	switch raw[0] {
	case '"':
		return Text(raw), nil
	case 't':
		return true, nil
	case 'f':
		return false, nil
	case 'n':
		return nil, nil
	}
	return json.Number(raw), nil
}

func (s *Scanner) object() (any, error) {
	object := map[string]any{}
	err := s.Object(func(name string, _ []byte) error {
		if _, seen := object[name]; seen {
			return ErrDuplicate()
		}
		v, err := s.value()
		object[name] = v
		return err
	})
	return object, err
}

func (s *Scanner) array() (any, error) {
	array := []any{}
	err := s.Array(func(int) error {
		v, err := s.value()
		array = append(array, v)
		return err
	})
	return array, err
}
