import HTTPTypes
import Hummingbird
import OpenMetrics

extension RouterMethods {
  /// Serves a registry to scrapers, for GET and HEAD: in the format that they ask for, compressed where they take that,
  /// within their time limit, and restricted to the values of `name[]` in the query.
  ///
  ///     let router = Router()
  ///     router.addMetrics(registry)
  ///
  /// Middlewares that were added before apply, such as one that asks who is scraping. As every route of Hummingbird,
  /// it may be added once for a path.
  @discardableResult
  public func addMetrics(
    _ registry: MetricRegistry = .default, at path: RouterPath = "/metrics",
    options: ScrapeHandler.Options = ScrapeHandler.Options()
  ) -> Self {
    addMetrics(ScrapeHandler(registry: registry, options: options), at: path)
  }

  /// As the other form, for a handler that is shared with others.
  @discardableResult
  public func addMetrics(_ handler: ScrapeHandler, at path: RouterPath = "/metrics") -> Self {
    on(path, method: .get, responder: MetricsResponder<Context>(handler: handler))
    return on(path, method: .head, responder: MetricsResponder<Context>(handler: handler))
  }
}
