package sample

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"

	"github.com/medibloc/pdx"
)

// Kind is the FHIR resource type of the records.
type Kind string

// The kinds.
const (
	Patient     Kind = "Patient"
	Observation Kind = "Observation"
)

// Options determine what Generate writes.
type Options struct {
	// Seed determines the people; they are the same for each Kind.
	Seed uint64
	// Patients is the number of people.
	Patients uint64
	// Observations is the number of records per person if Kind is Observation.
	Observations uint64
	Kind         Kind
	// Broken makes every Broken-th record break the criteria of Criteria(Kind); 0 means
	// none.
	Broken uint64
}

// Generate writes the records to w, one per line. It returns pdx.ErrInvalid for an
// unknown kind, and the error of w.
func Generate(w io.Writer, o Options) error {
	if o.Kind != Patient && o.Kind != Observation {
		return fmt.Errorf("sample kind %q: %w: choose %s or %s", o.Kind, pdx.ErrInvalid, Patient, Observation)
	}
	out := &writer{w: bufio.NewWriterSize(w, 64<<10), broken: o.Broken}
	for i := range o.Patients {
		p := newPerson(o.Seed, i)
		if err := out.person(p, o); err != nil {
			return fmt.Errorf("generate sample: %w", err)
		}
	}
	if err := out.w.Flush(); err != nil {
		return fmt.Errorf("generate sample: %w", err)
	}
	return nil
}

type writer struct {
	w         *bufio.Writer
	n, broken uint64
}

func (w *writer) person(p *person, o Options) error {
	if o.Kind == Patient {
		record := p.patient()
		if w.breaks() {
			breakPatient(&record, w.n/w.broken)
		}
		return w.write(record)
	}
	for i := range o.Observations {
		record := p.observation(i)
		if w.breaks() {
			breakObservation(&record, w.n/w.broken)
		}
		if err := w.write(record); err != nil {
			return err
		}
	}
	return nil
}

// breaks counts a record and reports whether it is to be broken.
func (w *writer) breaks() bool {
	w.n++
	return w.broken > 0 && w.n%w.broken == 0
}

func (w *writer) write(record any) error {
	line, err := json.Marshal(record)
	if err != nil {
		return err
	}
	_, err = w.w.Write(append(line, '\n'))
	return err
}

// source is a person's own stream of random numbers.
func source(seed, index uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, index)) }
