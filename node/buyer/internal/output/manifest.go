package output

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/model"
)

// Manifest says beside the records where they come from. One that is there stays: the
// hashes of transactions depend on what endpoints have at the time.
type Manifest struct {
	Version   int              `json:"version"`
	ChainID   string           `json:"chain_id"`
	Pool      pdx.PoolID       `json:"pool_id"`
	Deal      pdx.DealID       `json:"deal_id"`
	Seller    pdx.Address      `json:"seller"`
	Buyer     pdx.Address      `json:"buyer"`
	Price     string           `json:"price"`
	Root      string           `json:"root"` // CID of the ciphertext
	Size      uint64           `json:"size"` // bytes of ciphertext
	Criteria  string           `json:"criteria"`
	MediaType string           `json:"media_type"`
	Fields    []string         `json:"fields"`
	File      string           `json:"file"`
	Records   uint64           `json:"records"`
	Bytes     uint64           `json:"bytes"`
	Blake3    string           `json:"blake3"`          // of the file, hex; of a folder, of its stream
	Files     []ManifestFile   `json:"files,omitempty"` // of a folder
	Heights   map[string]int64 `json:"heights"`
	Receipt
}

// Receipt is what versions 2 and 3 of the manifest add: what was agreed, certified and paid.
type Receipt struct {
	Title      string              `json:"title"`   // of the pool
	Paid       ManifestAmount      `json:"paid"`    // the price
	Deposit    ManifestAmount      `json:"deposit"` // of the seller
	Terms      []ManifestTerm      `json:"terms"`
	Validators []ManifestValidator `json:"certificates"`
	Shares     []ManifestShare     `json:"shares"` // of the price
	History    []ManifestStep      `json:"history"`
}

// ManifestAmount is an amount as the local API writes it.
type ManifestAmount struct {
	Amount string `json:"amount"`
	Denom  string `json:"denom"`
}

// ManifestTerm is a term of the pool with the seller's answer.
type ManifestTerm struct {
	ID          uint32 `json:"id"`
	Required    bool   `json:"required"`
	Title       string `json:"title"`
	Description string `json:"description"`
	Agreed      bool   `json:"agreed"`
}

// ManifestValidator is a certificate.
type ManifestValidator struct {
	Validator    pdx.Address `json:"validator"`
	Accepted     bool        `json:"accepted"`
	Reason       string      `json:"reason,omitempty"` // of a rejection
	Report       string      `json:"report"`           // hash of the validation report, hex
	CommissionBP uint32      `json:"commission_bp"`
	Height       int64       `json:"height"`
	Transaction  string      `json:"transaction,omitempty"` // since version 3: hash
}

// ManifestShare is one party's part of the price.
type ManifestShare struct {
	Account pdx.Address    `json:"account"`
	Amount  ManifestAmount `json:"amount"`
}

// ManifestStep is a state that the deal entered.
type ManifestStep struct {
	State  pdx.DealState `json:"state"`
	Height int64         `json:"height"` // of the block with the transaction
	Time   time.Time     `json:"time"`
	// Transaction is the hash of the transaction that made the step, since version 3. It is
	// empty where the chain made the step by itself, or no endpoint had it.
	Transaction string `json:"transaction,omitempty"`
}

const manifestVersion = 3

// Name puts the hashes of transactions to the steps and certificates that they made.
func (r Receipt) Name(transactions []pdx.Transaction) {
	for _, tx := range transactions {
		for _, e := range tx.Events {
			for i := range r.History {
				if step := &r.History[i]; step.Height == tx.Height && e.State == string(step.State) {
					step.Transaction = tx.Hash
				}
			}
			for i := range r.Validators {
				if c := &r.Validators[i]; c.Height == tx.Height && e.Validator == c.Validator {
					c.Transaction = tx.Hash
				}
			}
		}
	}
}

// ManifestName is the manifest's file beside the records.
const ManifestName = "manifest.json"

// NewManifest returns the manifest of a deal whose records were written.
func NewManifest(chainID string, d pdx.Deal, pool pdx.Pool, o model.Opened, files []ManifestFile) Manifest {
	m := Manifest{
		Version: manifestVersion, ChainID: chainID, Pool: d.Pool, Deal: d.ID,
		Seller: d.Seller, Buyer: d.Buyer, Price: d.Price.String(),
		Root: d.Dataset.Root.String(), Size: d.Dataset.Size, Criteria: d.Criteria.String(),
		MediaType: pool.MediaType, Fields: d.Fields,
		File: filepath.Base(o.Path), Records: o.Records, Bytes: o.Bytes, Blake3: hex.EncodeToString(o.Hash[:]), Files: files,
		Heights: map[string]int64{}, Receipt: receiptOf(d, pool),
	}
	for _, step := range d.History {
		// Not the end: it may not have come yet when the manifest is written.
		if !step.State.Ended() {
			m.Heights[string(step.State)] = step.Height
		}
	}
	return m
}

func receiptOf(d pdx.Deal, pool pdx.Pool) Receipt {
	r := Receipt{
		Title: pool.Title, Paid: manifestAmount(d.Price), Deposit: manifestAmount(d.Deposit),
		Terms: []ManifestTerm{}, Validators: []ManifestValidator{}, Shares: []ManifestShare{}, History: []ManifestStep{},
	}
	for _, a := range pool.Agreements(d) {
		r.Terms = append(r.Terms, ManifestTerm{
			ID: a.Term.ID, Required: a.Term.Required, Title: a.Term.Title, Description: a.Term.Description, Agreed: a.Agreed,
		})
	}
	for _, c := range d.Certificates {
		v := ManifestValidator{
			Validator: c.Validator, Accepted: c.Accepted, Report: hex.EncodeToString(c.Report[:]), CommissionBP: c.Commission, Height: c.Height,
		}
		if !c.Accepted {
			v.Reason = c.Reason.String()
		}
		r.Validators = append(r.Validators, v)
	}
	for _, s := range d.Shares {
		r.Shares = append(r.Shares, ManifestShare{Account: s.Address, Amount: manifestAmount(s.Amount)})
	}
	for _, step := range d.History {
		if !step.State.Ended() { // as in Heights
			r.History = append(r.History, ManifestStep{State: step.State, Height: step.Height, Time: step.Time.UTC()})
		}
	}
	return r
}

func manifestAmount(a pdx.Amount) ManifestAmount {
	return ManifestAmount{Amount: strconv.FormatUint(uint64(a), 10), Denom: pdx.Denom}
}

// WriteManifest writes m beside the records. A manifest of the same records that is there
// already, of an earlier run or version of the program, stays.
func (f Folder) WriteManifest(m Manifest) error {
	name := filepath.Join(f.path, ManifestName)
	if m.isIn(name) {
		return nil
	}
	raw, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return f.make(name, func(file *os.File) error {
		_, err := (&output{file}).Write(append(raw, '\n'))
		return err
	})
}

// maxManifest bounds a manifest that is read: 100,000 files with long paths.
const maxManifest = 64 << 20

// isIn reports whether a file is a manifest of the same records, whatever its version.
func (m Manifest) isIn(name string) bool {
	there, err := ReadManifest(name)
	return err == nil && there.ChainID == m.ChainID && there.Deal == m.Deal && there.Root == m.Root &&
		there.File == m.File && there.Blake3 == m.Blake3
}

// ReadManifest reads a manifest that was written before.
func ReadManifest(name string) (m Manifest, err error) {
	info, err := os.Lstat(name)
	switch {
	case err != nil:
		return m, err
	case !info.Mode().IsRegular() || info.Size() > maxManifest:
		return m, fmt.Errorf("%w: not a manifest", pdx.ErrInvalid)
	}
	raw, err := os.ReadFile(name)
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		return m, fmt.Errorf("%w: not a manifest: %w", pdx.ErrInvalid, err)
	}
	return m, nil
}
