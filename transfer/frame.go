package transfer

import (
	"bufio"
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/medibloc/pdx"
	"github.com/medibloc/pdx/p2p/stream"
)

// readFrame reads m, and no byte beyond it. A frame that is not one is pdx.ErrCorrupt;
// errors of r come back wrapped.
func readFrame(r *bufio.Reader, m proto.Message) error {
	err := stream.ReadFrame(r, MaxFrame, m)
	if errors.Is(err, stream.ErrFrame) {
		return fmt.Errorf("%w: %w", pdx.ErrCorrupt, err)
	}
	return err
}
