import CBuildInfo

/// The revision of the sources that this binary was built from.
public enum BuildRevision {
  /// A commit id, or `unknown`.
  public static let current = String(cString: cdb_build_revision())
}
