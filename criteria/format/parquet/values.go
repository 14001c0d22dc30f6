package parquet

import (
	"encoding/base64"
	"encoding/hex"
	"math/big"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	pq "github.com/parquet-go/parquet-go/format"

	"github.com/medibloc/pdx/criteria/format/internal/jsontext"
)

// writer appends the JSON text of a value; ok is false if it has none.
type writer func(b []byte, v parquet.Value) (text []byte, ok bool)

// writerOf returns how the values of a column are written, nil for a type that has no form.
func writerOf(e pq.SchemaElement) writer {
	kind := e.Type.V
	if kind == pq.FixedLenByteArray && (!e.TypeLength.Valid || e.TypeLength.V < 1 || e.TypeLength.V > maxFixed) {
		return nil
	}
	switch t := e.LogicalType.Value.(type) {
	case nil:
		return convertedWriter(e)
	case *pq.StringType, *pq.EnumType, *pq.JsonType:
		return only(kind == pq.ByteArray, writeText)
	case *pq.UUIDType:
		return only(kind == pq.FixedLenByteArray && e.TypeLength.V == 16, writeUUID)
	case *pq.DecimalType:
		return decimalWriter(e, t.Precision, t.Scale)
	case *pq.DateType:
		return only(kind == pq.Int32, writeDate)
	case *pq.TimeType:
		return timeWriter(kind, t.Unit, timeOfDay)
	case *pq.TimestampType:
		return timeWriter(kind, t.Unit, zoned(t.IsAdjustedToUTC))
	case *pq.IntType:
		return intWriter(kind, t.BitWidth, t.IsSigned)
	case *pq.NullType:
		return physicalWriter(e)
	}
	return nil
}

// only is w if the physical type is right.
func only(right bool, w writer) writer {
	if !right {
		return nil
	}
	return w
}

// convertedWriter goes by the annotation of older files.
func convertedWriter(e pq.SchemaElement) writer {
	kind := e.Type.V
	if !e.ConvertedType.Valid {
		return physicalWriter(e)
	}
	millis, micros := pq.TimeUnit{Value: &pq.MilliSeconds{}}, pq.TimeUnit{Value: &pq.MicroSeconds{}}
	switch c := e.ConvertedType.V; c {
	case deprecated.UTF8, deprecated.Enum, deprecated.Json:
		return only(kind == pq.ByteArray, writeText)
	case deprecated.Decimal:
		return decimalWriter(e, e.Precision.V, e.Scale.V)
	case deprecated.Date:
		return only(kind == pq.Int32, writeDate)
	case deprecated.TimeMillis:
		return timeWriter(kind, millis, timeOfDay)
	case deprecated.TimeMicros:
		return timeWriter(kind, micros, timeOfDay)
	case deprecated.TimestampMillis:
		return timeWriter(kind, millis, zoned(true))
	case deprecated.TimestampMicros:
		return timeWriter(kind, micros, zoned(true))
	case deprecated.Uint8, deprecated.Uint16, deprecated.Uint32, deprecated.Uint64:
		return intWriter(kind, int8(8)<<(c-deprecated.Uint8), false)
	case deprecated.Int8, deprecated.Int16, deprecated.Int32, deprecated.Int64:
		return intWriter(kind, int8(8)<<(c-deprecated.Int8), true)
	}
	return nil
}

func physicalWriter(e pq.SchemaElement) writer {
	switch e.Type.V {
	case pq.Boolean:
		return func(b []byte, v parquet.Value) ([]byte, bool) { return strconv.AppendBool(b, v.Boolean()), true }
	case pq.Int32, pq.Int64:
		return intWriter(e.Type.V, map[pq.Type]int8{pq.Int32: 32, pq.Int64: 64}[e.Type.V], true)
	case pq.Int96:
		return writeInt96
	case pq.Float:
		return func(b []byte, v parquet.Value) ([]byte, bool) { return jsontext.AppendFloat(b, float64(v.Float()), 32) }
	case pq.Double:
		return func(b []byte, v parquet.Value) ([]byte, bool) { return jsontext.AppendFloat(b, v.Double(), 64) }
	case pq.ByteArray, pq.FixedLenByteArray:
		return writeBytes
	}
	return nil
}

func intWriter(kind pq.Type, width int8, signed bool) writer {
	switch {
	case kind == pq.Int32 && signed && width <= 32:
		return func(b []byte, v parquet.Value) ([]byte, bool) {
			return strconv.AppendInt(b, int64(v.Int32()), 10), true
		}
	case kind == pq.Int64 && signed && width == 64:
		return func(b []byte, v parquet.Value) ([]byte, bool) { return strconv.AppendInt(b, v.Int64(), 10), true }
	case kind == pq.Int32 && width <= 32:
		return func(b []byte, v parquet.Value) ([]byte, bool) {
			return strconv.AppendUint(b, uint64(v.Uint32()), 10), true
		}
	case kind == pq.Int64 && width == 64:
		return func(b []byte, v parquet.Value) ([]byte, bool) { return strconv.AppendUint(b, v.Uint64(), 10), true }
	}
	return nil
}

func writeText(b []byte, v parquet.Value) ([]byte, bool) {
	text := v.ByteArray()
	if !utf8.Valid(text) {
		return b, false
	}
	return jsontext.AppendString(b, string(text)), true
}

func writeBytes(b []byte, v parquet.Value) ([]byte, bool) {
	b = append(b, '"')
	b = base64.StdEncoding.AppendEncode(b, v.ByteArray())
	return append(b, '"'), true
}

func writeUUID(b []byte, v parquet.Value) ([]byte, bool) {
	id := v.ByteArray()
	if len(id) != 16 {
		return b, false
	}
	b = append(b, '"')
	for i, part := range [][]byte{id[:4], id[4:6], id[6:8], id[8:10], id[10:]} {
		if i > 0 {
			b = append(b, '-')
		}
		b = hex.AppendEncode(b, part)
	}
	return append(b, '"'), true
}

// decimalWriter writes a decimal exactly, with as many digits behind the point as its scale.
func decimalWriter(e pq.SchemaElement, precision, scale int32) writer {
	if precision < 1 || scale < 0 || scale > precision || precision > maxDigits {
		return nil
	}
	digits := int(scale)
	switch e.Type.V {
	case pq.Int32:
		return func(b []byte, v parquet.Value) ([]byte, bool) {
			return jsontext.AppendDecimal(b, big.NewInt(int64(v.Int32())), digits), true
		}
	case pq.Int64:
		return func(b []byte, v parquet.Value) ([]byte, bool) {
			return jsontext.AppendDecimal(b, big.NewInt(v.Int64()), digits), true
		}
	case pq.ByteArray, pq.FixedLenByteArray:
		return func(b []byte, v parquet.Value) ([]byte, bool) {
			raw := v.ByteArray()
			if len(raw) == 0 || len(raw) > maxDecimal {
				return b, false
			}
			return jsontext.AppendDecimal(b, twosComplement(raw), digits), true
		}
	}
	return nil
}

// twosComplement is a number of big-endian bytes.
func twosComplement(raw []byte) *big.Int {
	n := new(big.Int).SetBytes(raw)
	if raw[0]&0x80 != 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(raw))))
	}
	return n
}

// The layouts of times. Seconds have as many digits behind the point as the unit.
const (
	timeOfDay = "15:04:05"
	local     = "2006-01-02T15:04:05"
	utc       = local + "Z"
)

func zoned(adjusted bool) string {
	if adjusted {
		return utc
	}
	return local
}

func timeWriter(kind pq.Type, unit pq.TimeUnit, layout string) writer {
	perSecond, digits := int64(1000), ".000"
	switch unit.Value.(type) {
	case *pq.MilliSeconds:
		if layout == timeOfDay {
			return only(kind == pq.Int32, func(b []byte, v parquet.Value) ([]byte, bool) {
				return writeTime(b, int64(v.Int32()), 1000, ".000", layout)
			})
		}
	case *pq.MicroSeconds:
		perSecond, digits = 1e6, ".000000"
	case *pq.NanoSeconds:
		perSecond, digits = 1e9, ".000000000"
	default:
		return nil
	}
	return only(kind == pq.Int64, func(b []byte, v parquet.Value) ([]byte, bool) {
		return writeTime(b, v.Int64(), perSecond, digits, layout)
	})
}

func writeTime(b []byte, n, perSecond int64, digits, layout string) ([]byte, bool) {
	seconds, part := n/perSecond, n%perSecond
	if part < 0 {
		seconds, part = seconds-1, part+perSecond
	}
	if layout == timeOfDay && (n < 0 || seconds >= 24*60*60) || seconds < firstSecond || seconds > lastSecond {
		return b, false
	}
	layout = layout[:len(layout)-len(zone(layout))] + digits + zone(layout)
	return time.Unix(seconds, part*(1e9/perSecond)).UTC().AppendFormat(b, `"`+layout+`"`), true
}

func zone(layout string) string {
	if layout == utc {
		return "Z"
	}
	return ""
}

// The years that RFC 3339 can write are 0001 to 9999.
var (
	firstSecond = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	lastSecond  = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC).Unix()
)

func writeDate(b []byte, v parquet.Value) ([]byte, bool) {
	seconds := int64(v.Int32()) * 24 * 60 * 60
	if seconds < firstSecond || seconds > lastSecond {
		return b, false
	}
	return time.Unix(seconds, 0).UTC().AppendFormat(b, `"2006-01-02"`), true
}

// writeInt96 writes the time that old writers put into 12 bytes: nanoseconds of a day (LE64)
// and the Julian day (LE32).
func writeInt96(b []byte, v parquet.Value) ([]byte, bool) {
	const julianEpoch, day = 2_440_588, 24 * 60 * 60
	n := v.Int96()
	nanos, julian := int64(uint64(n[1])<<32|uint64(n[0])), int64(n[2])
	if nanos < 0 || nanos >= day*1e9 {
		return b, false
	}
	seconds := (julian-julianEpoch)*day + nanos/1e9
	if seconds < firstSecond || seconds > lastSecond {
		return b, false
	}
	return time.Unix(seconds, nanos%1e9).UTC().AppendFormat(b, `"2006-01-02T15:04:05.000000000Z"`), true
}
