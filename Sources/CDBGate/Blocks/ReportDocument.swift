/// A report as its parts, before it becomes Markdown or HTML. Texts are as they are: whoever renders them escapes them.
struct ReportDocument: Sendable {
  struct Section: Sendable {
    var title: String
    var elements: [Element]
  }

  enum Element: Sendable {
    case text(String)
    case list([String])
    case table(header: [String], rows: [[String]])
    case plot(Plot)
  }

  /// Figures to look at.
  struct Plot: Sendable {
    enum Form: Sendable {
      /// Over time, joined.
      case line([Point])
      /// One figure a span, side by side.
      case columns([Double])
      /// One figure a name, the names in their order.
      case bars([(name: String, value: Double)])
    }

    struct Point: Sendable {
      var x: Double
      var y: Double
    }

    var title: String
    var form: Form
    /// How the smallest and the largest figure read; of columns the largest is beside zero.
    var lowest: String = ""
    var highest: String = ""
    /// Below the first, the middle and the last figure.
    var marks: [String] = []
  }

  var language: String
  var title: String
  var badge: (name: String, kind: String)
  var sections: [Section]
}

/// What was written by others, made harmless to look at: no control characters, and nothing that turns the direction of
/// what follows.
enum ForeignText {
  static func plain(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { scalar in
          switch scalar.value {
          case 9, 10, 13, 0x2028, 0x2029: " "
          case 0..<32, 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069, 0xFFFE, 0xFFFF: "\u{FFFD}"
          default: scalar
          }
        }))
  }
}
