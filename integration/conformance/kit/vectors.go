package kit

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
)

const vectorsSection = "exchange.md, 11. Known answers"

// kind is a file of known answers: what an implementation must find out about each vector.
type kind struct {
	name, path, rule string
	answers          []string // fields that are kept back, and compared
}

// kinds are in the order of docs/spec/exchange.md. Paths are below the root of the repository.
var kinds = []kind{
	{"pop-v1", "exchange/proof/testdata/pop-v1.json", "a proof of possession is valid or not", []string{"valid"}},
	{"dleq-v1-opening", "exchange/proof/testdata/dleq-v1-opening.json", "the opening of M is valid or not", []string{"valid"}},
	{"dleq-v1-blocks", "exchange/proof/testdata/dleq-v1-blocks.json", "the opening of blocks is valid or not", []string{"valid"}},
	{"dleq-v1-complaint", "exchange/proof/testdata/dleq-v1-complaint.json", "a complaint about a segment is valid or not", []string{"valid"}},
	{"deliver-v1", "exchange/proof/testdata/deliver-v1.json", "a delivery is valid or not", []string{"valid"}},
	{"open-v1-complaint", "exchange/proof/testdata/open-v1-complaint.json", "a complaint about a box is valid or not", []string{"valid"}},
	{
		"segments", "exchange/seal/testdata/segments.json", "what a dataset is sealed to",
		[]string{"root", "box", "key_commit", "plaintext_commitment", "ciphertext_len"},
	},
	{"sizes", "exchange/seal/testdata/sizes.json", "whether a ciphertext can have a size", []string{"valid"}},
	{"cert-hash", "exchange/attest/testdata/cert-hash.json", "the hash of certificates", []string{"cert_hash"}},
	{
		"facts", "exchange/attest/testdata/facts.json", "the hashes of a deal's facts, terms and fields",
		[]string{"facts_hash", "terms_hash", "fields_hash"},
	},
}

// Question is a vector without its answers.
type Question struct {
	Kind   string         `json:"kind"`
	Number int            `json:"number"` // in its file, from 0
	Vector map[string]any `json:"vector"`
}

// Ask returns what an implementation answers: the fields of the vector that the question lacks.
type Ask func(Question) (map[string]any, error)

// RunVectors asks about every vector in the repository at root. Each kind is one result.
func RunVectors(root string, ask Ask) (results []Result, err error) {
	for _, k := range kinds {
		list, err := k.read(root)
		if err != nil {
			return nil, err
		}
		r := Result{ID: "vectors/" + k.name, Section: vectorsSection, Rule: k.rule, Outcome: Passed}
		wrong := 0
		for i, v := range list {
			if err := k.compare(i, v, ask); err != nil {
				if wrong++; wrong == 1 {
					r.Outcome, r.Reason = Failed, err.Error()
				}
			}
		}
		if wrong > 1 {
			r.Reason += fmt.Sprintf("; %d of %d in all", wrong, len(list))
		}
		results = append(results, r)
	}
	return results, nil
}

// read returns the vectors of a file, which has a list or one of them.
func (k kind) read(root string) (list []map[string]any, err error) {
	raw, err := os.ReadFile(filepath.Join(root, k.path))
	if err != nil {
		return nil, fmt.Errorf("known answers: %w", err)
	}
	var one map[string]any
	if json.Unmarshal(raw, &one) == nil {
		return []map[string]any{one}, nil
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, fmt.Errorf("known answers: %s: %w", k.path, err)
	}
	return list, nil
}

// compare asks about one vector. Its name says what is wrong with it, and is kept back, too.
func (k kind) compare(number int, vector map[string]any, ask Ask) error {
	name, _ := vector["name"].(string)
	open := maps.Clone(vector)
	maps.DeleteFunc(open, func(field string, _ any) bool { return field == "name" || slices.Contains(k.answers, field) })
	got, err := ask(Question{Kind: k.name, Number: number, Vector: open})
	if err != nil {
		return fmt.Errorf("number %d (%s): %w", number, name, err)
	}
	for _, field := range k.answers {
		if want := vector[field]; !reflect.DeepEqual(got[field], want) {
			return fmt.Errorf("number %d (%s): %s is %.100v, it should be %.100v", number, name, field, got[field], want)
		}
	}
	return nil
}

// Program runs an implementation that answers: it reads questions and writes answers, each a
// line of JSON. The caller must call stop, which returns an error if the program failed.
func Program(ctx context.Context, name string, args ...string) (ask Ask, stop func() error, err error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, fmt.Errorf("start the program that answers: %w", err)
	}
	questions, answers := json.NewEncoder(in), bufio.NewScanner(out) // a line has 64 KiB at most
	ask = func(q Question) (got map[string]any, err error) {
		if err := questions.Encode(q); err != nil {
			return nil, fmt.Errorf("the program takes no question: %w", err)
		}
		if !answers.Scan() {
			return nil, errors.Join(io.ErrUnexpectedEOF, answers.Err())
		}
		if err := json.Unmarshal(answers.Bytes(), &got); err != nil {
			return nil, fmt.Errorf("the answer is no JSON object: %w", err)
		}
		return got, nil
	}
	return ask, func() error { return errors.Join(in.Close(), cmd.Wait()) }, nil
}
