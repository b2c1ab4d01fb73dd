import CDBDomain
struct TraceContext { init(journal: UInt64, origin: UInt64, event: EventID) {}; var traceID: String { "" }; var spanID: String { "" } }
