// Viewer request: a path of the single-page application that is no file is answered by its index.html.
// A file is told by its ending, from a list: /user/jane.doe is a route although it has a dot.
var FILE = /\.(?:avif|bmp|css|csv|eot|gif|gz|html?|ico|jpe?g|js|json|map|md|mjs|mp3|mp4|ogg|otf|pdf|png|svg|ttf|txt|wasm|wav|webm|webmanifest|webp|woff2?|xml|zip)$/i;

function handler(event) {
  var request = event.request;
  if (!FILE.test(request.uri) && request.uri.indexOf('/.well-known/') === -1) {
    request.uri = '__ROOT__index.html';
  }
  return request;
}
