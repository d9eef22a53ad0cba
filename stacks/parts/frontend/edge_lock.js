// Basic auth, behind edge_function.js where a stage has it: null for who may look, else the answer.
function sha256(text) {
  return require('crypto').createHash('sha256').update(text).digest('hex');
}

// The application's own tokens travel in Authorization, too. So whoever was let in once has a key in a cookie.
var COOKIE = '__Host-stage-key';

function unlocked(request) {
  var cookies = request.cookies || {};
  var kept = cookies[COOKIE] ? cookies[COOKIE].value : '';
  delete cookies[COOKIE];
  var header = request.headers.authorization ? request.headers.authorization.value : '';
  var shown = /^basic +([^ ]+)$/i.exec(header);
  var key = shown ? sha256(Buffer.from(shown[1], 'base64').toString()) : '';
  if (sha256(key) === LOCK) {
    delete request.headers.authorization;
    var mode = request.headers['sec-fetch-mode'];
    return key === kept || request.method !== 'GET' || !mode || mode.value !== 'navigate' ? null : keyed(request, key);
  }
  return sha256(kept) === LOCK ? null : locked();
}

function keyed(request, key) {
  var here = 'https://' + request.headers.host.value + request.uri + query(request.querystring || {});
  var answer = answered(302, 'Found', { 'cache-control': { value: 'no-store' }, location: { value: here } });
  answer.cookies = { [COOKIE]: { value: key, attributes: 'Path=/; Secure; HttpOnly; SameSite=Lax' } };
  return answer;
}

function locked() {
  var answer = answered(401, 'Unauthorized', {
    'cache-control': { value: 'no-store' },
    'content-type': { value: 'text/plain; charset=utf-8' },
    'www-authenticate': { value: 'Basic realm="stage", charset="UTF-8"' },
  });
  answer.body = 'This stage asks for a name and a password.';
  return answer;
}
