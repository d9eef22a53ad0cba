
// Paths of sites → objects of the bucket, behind edge_function.js; its twin in Python is stacks/publishing/routing.py.
// SITES is the description's; PUBLISHED what the folders hold that is not obvious from a path.
// A form says how the pages below a prefix are addressed: 'folders' /a/, 'names' /a, 'files' /a.html;
// a file's name, 'index.html', is the page of a single-page application that answers all its routes.
var SITES = __SITES__;
var PUBLISHED = __PUBLISHED__;
var ENDINGS = __ENDINGS__.split(' ').concat(PUBLISHED.endings || []);
var FORMS = Object.assign({}, SITES, PUBLISHED.pages);
var OTHERS = PUBLISHED.others || []; // pages in another form than their neighbours; '*': more than fit
var FILES = PUBLISHED.files || []; // names without an ending, and folders ('/data/') of such names

function decoded(uri) {
  try {
    return decodeURIComponent(uri);
  } catch (e) {
    return uri;
  }
}

// /user/jane.doe is a route although it has a dot: an ending counts when it is known or published.
function isFile(path, prefix, form) {
  var name = path.slice(path.lastIndexOf('/') + 1);
  var dot = name.lastIndexOf('.');
  return (
    name !== '' &&
    ((dot !== -1 && ENDINGS.indexOf(name.slice(dot + 1).toLowerCase()) !== -1) ||
      path.indexOf('/.well-known/') !== -1 ||
      (isShell(form) && /^(?:assets|static)\//.test(path.slice(prefix.length))) ||
      FILES.some(function (file) {
        return file === path || (file.slice(-1) === '/' && path.indexOf(file) === 0);
      }))
  );
}

function isShell(form) {
  return form.slice(-5) === '.html';
}

function isOther(path) {
  return OTHERS.indexOf(path) !== -1;
}

// What a page embeds (an image, a script) is never answered by a page, whatever its name.
function isEmbedded(request) {
  var dest = request.headers['sec-fetch-dest'];
  return dest && !/^(?:document|empty|frame|iframe)$/.test(dest.value);
}

function moved(request, uri) {
  if (uri.indexOf('//') !== -1) {
    return request;
  }
  var there = 'https://' + request.headers.host.value + uri + query(request.querystring || {});
  return answered(301, 'Moved Permanently', { 'cache-control': { value: 'max-age=300' }, location: { value: there } });
}

function served(request, uri) {
  request.uri = uri;
  return request;
}

function routed(request) {
  var uri = request.uri;
  var path = decoded(uri);
  var top = FORMS[path + '/'];
  if (top) {
    return isShell(top) && SITES[path + '/'] ? served(request, uri + '/' + top) : moved(request, uri + '/');
  }
  var prefix = '';
  Object.keys(FORMS).forEach(function (one) {
    prefix = path.indexOf(one) === 0 && one.length > prefix.length ? one : prefix;
  });
  var form = FORMS[prefix];
  if (!form) {
    return request;
  }
  if (isFile(path, prefix, form)) {
    return file(request, uri, path, prefix, form);
  }
  if (isShell(form)) {
    if (isOther(path)) {
      return served(request, uri + (path.slice(-1) === '/' ? 'index.html' : '.html'));
    }
    return isEmbedded(request) ? request : served(request, encodeURI(prefix) + form);
  }
  if (path.slice(-1) !== '/') {
    return page(request, uri, path, form);
  }
  var other = isOther(path.slice(0, -1)) || (form !== 'folders' && isOther('*'));
  if (path === prefix || other === (form !== 'folders')) {
    return served(request, uri + 'index.html');
  }
  return moved(request, uri.slice(0, -1) + (form === 'names' ? '' : '.html'));
}

function page(request, uri, path, form) {
  if (isOther(path)) {
    return moved(request, uri + (form === 'folders' ? '.html' : '/'));
  }
  if (form === 'names') {
    return served(request, uri + '.html');
  }
  return moved(request, uri + (form === 'folders' ? '/' : '.html'));
}

// The one address of a page, if its file's name is another. Not of /index.html: as the default root object it may be
// what a request of / has become.
function file(request, uri, path, prefix, form) {
  if (isShell(form) || path === '/index.html') {
    return request;
  }
  if (path.slice(-11) === '/index.html') {
    var folder = path.slice(0, -10);
    var canonical = form === 'folders' || folder === prefix || isOther(folder.slice(0, -1));
    return canonical ? moved(request, uri.slice(0, -10)) : request;
  }
  var stripped = path.slice(0, -5);
  if (form !== 'names' || path.slice(-5) !== '.html' || /\/\d{3}$/.test(stripped) || isFile(stripped, prefix, form)) {
    return request;
  }
  return moved(request, uri.slice(0, -5));
}
