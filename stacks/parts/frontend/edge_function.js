// Viewer request, in CloudFront: before the cache, before the origin. One program; the constants say what it does where.
// Only the site's behaviours have ROUTES: the API's 404 stays a 404.
var ROUTES = __ROUTES__; // '/app/': where the single-page application stands; '' where there is none
var NAME = __NAME__; // the domain that www. leads to; '' for none
var TELL_HOST = __TELL_HOST__; // tell the API the host in the browser's address bar
var CLOSED = __CLOSED__; // maintenance: the page that answers everything; '' while the site is open
var LOCK = __LOCK__; // basic auth: the hash of the key that name and password make; '' where everybody may look

var HEADERS = __HEADERS__; // what this function's own answers carry: CloudFront's policy names cached and origin answers only

// A file is told by its ending, from a list: /user/jane.doe is a route although it has a dot.
var FILE = /\.(?:avif|bmp|css|csv|eot|gif|gz|html?|ico|jpe?g|js|json|map|md|mjs|mp3|mp4|ogg|otf|pdf|png|svg|ttf|txt|wasm|wav|webm|webmanifest|webp|woff2?|xml|zip)$/i;

function isFile(uri) {
  var inside = uri.slice(ROUTES.length);
  return FILE.test(uri) || uri.indexOf('/.well-known/') !== -1 || /^(?:assets|static)\//.test(inside);
}

function query(values) {
  var parts = [];
  Object.keys(values).forEach(function (name) {
    (values[name].multiValue || [values[name]]).forEach(function (one) {
      parts.push(one.value === '' ? name : name + '=' + one.value);
    });
  });
  return parts.length ? '?' + parts.join('&') : '';
}

function answered(status, description, headers) {
  Object.keys(HEADERS).forEach(function (name) {
    headers[name] = { value: HEADERS[name] };
  });
  return { statusCode: status, statusDescription: description, headers: headers };
}

function closed() {
  var answer = answered(503, 'Service Unavailable', {
    'cache-control': { value: 'no-store' },
    'content-type': { value: 'text/html; charset=utf-8' },
    'retry-after': { value: '600' },
  });
  answer.body = CLOSED;
  return answer;
}

function handler(event) {
  var request = event.request;
  var host = request.headers.host ? request.headers.host.value : '';
  if (NAME && host === 'www.' + NAME) {
    var there = 'https://' + NAME + request.uri + query(request.querystring || {});
    return answered(301, 'Moved Permanently', { location: { value: there } });
  }
  if (CLOSED) {
    return closed();
  }
  var answer = LOCK ? unlocked(request) : null;
  if (answer) {
    return answer;
  }
  if (TELL_HOST) {
    request.headers['x-viewer-host'] = { value: host };
  }
  if (ROUTES && !isFile(request.uri)) {
    request.uri = ROUTES + 'index.html';
  }
  return request;
}
