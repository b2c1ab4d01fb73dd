/// How long ago something was, for people: in the largest unit of which there are at least two.
public enum AgeText {
  /// - Parameter seconds: what is less than zero counts as zero.
  public static func render(seconds: Int64) -> String {
    switch max(0, seconds) {
    case let seconds where seconds < 120: "\(seconds) s"
    case let seconds where seconds < 7_200: "\(seconds / 60) min"
    case let seconds where seconds < 172_800: "\(seconds / 3_600) h"
    case let seconds: "\(seconds / 86_400) d"
    }
  }
}
