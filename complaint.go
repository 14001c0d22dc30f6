package pdx

// Complaint convicts a delivered dataset; exactly one of Segment and Box is set.
type Complaint struct {
	Deal    DealID
	Segment *SegmentComplaint
	Box     *BoxComplaint
}

// SegmentComplaint shows a segment that does not decrypt.
type SegmentComplaint struct {
	Index    uint64  // over the whole ciphertext, from 0
	BlockKey Element // M_j of its block
	Proof    []byte  // dleq-v1, 64 bytes
	Slice    []byte  // the segment under the certified root
}

// BoxComplaint shows that the box does not open.
type BoxComplaint struct {
	Opening Element // M
	Proof   []byte  // open-v1, 64 bytes
}

// ComplaintKind tells what a complaint was about.
type ComplaintKind string

// The kinds.
const (
	ComplaintSegment ComplaintKind = "segment"
	ComplaintBox     ComplaintKind = "box"
	BrokenPromise    ComplaintKind = "promise" // no complaint, but a challenge that was not answered
)

// Conviction is how a deal ended in fraud, or by a broken promise.
type Conviction struct {
	Kind         ComplaintKind
	Segment      uint64  // that does not decrypt; 0 if the box is at fault
	Slashed      []Share // what each accepting validator lost of its bond
	Compensation Amount  // the buyer's part of that, with the cost of its complaint
}
