// Viewer request, in CloudFront: before the cache, before the origin. One program; the constants say what it does where.
// Only the site's behaviours are ROUTED, by edge_sites.js: the API's 404 stays a 404.
var ROUTED = __ROUTED__;
var NAME = __NAME__; // the domain that www. leads to; '' for none
var TELL_HOST = __TELL_HOST__; // tell the API the host in the browser's address bar
var CLOSED = __CLOSED__; // maintenance: the page that answers everything; '' while the site is open
var LOCK = __LOCK__; // basic auth: the hash of the key that name and password make; '' where everybody may look

var HEADERS = __HEADERS__; // what this function's own answers carry: CloudFront's policy names cached and origin answers only

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
  return ROUTED ? routed(request) : request;
}
