package buyer

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/node/model"
)

// Manifest says beside the records where they come from. It depends on the deal
// and the records alone, so that writing it twice gives the same bytes.
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
}

const manifestVersion = 1

func manifestOf(chainID string, d pdx.Deal, mediaType string, o model.Opened, files []ManifestFile) Manifest {
	m := Manifest{
		Version: manifestVersion, ChainID: chainID, Pool: d.Pool, Deal: d.ID,
		Seller: d.Seller, Buyer: d.Buyer, Price: d.Price.String(),
		Root: d.Dataset.Root.String(), Size: d.Dataset.Size, Criteria: d.Criteria.String(),
		MediaType: mediaType, Fields: d.Fields,
		File: filepath.Base(o.Path), Records: o.Records, Bytes: o.Bytes, Blake3: hex.EncodeToString(o.Hash[:]), Files: files,
		Heights: map[string]int64{},
	}
	for _, step := range d.History {
		// Not the end: it may not have come yet when the manifest is written.
		if !step.State.Ended() {
			m.Heights[string(step.State)] = step.Height
		}
	}
	return m
}

// manifest writes m beside the records.
func (f folder) manifest(m Manifest) error {
	raw, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return f.make(filepath.Join(f.path, "manifest.json"), func(file *os.File) error {
		_, err := (&output{file}).Write(append(raw, '\n'))
		return err
	})
}
