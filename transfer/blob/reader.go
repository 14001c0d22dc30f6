package blob

import "io"

// Reader returns a reader of a whole blob from its beginning, which is an io.ReaderAt, too.
// Closing it closes the blob.
func Reader(b Blob) io.ReadCloser {
	return struct {
		*io.SectionReader
		io.Closer
	}{io.NewSectionReader(b, 0, int64(b.Size())), b}
}
