package org.merlinmq.console;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.timeout.ReadTimeoutException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.merlinmq.console.Pages.Page;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers the requests of one connection.
 *
 * <p>Threading: pages are made by {@code workers}, because a scrape of many queues takes a while. One
 * request of a connection is at work at a time, so that answers keep the order of the requests.
 */
final class HttpHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(HttpHandler.class);

    private final Pages pages;
    private final Executor workers;

    /** Requests in the order they came, the first at work; touched on the event loop only. */
    private final Deque<PageRequest> waiting = new ArrayDeque<>();

    HttpHandler(Pages pages, Executor workers) {
        this.pages = pages;
        this.workers = workers;
    }

    /** A request for a page, or the page that refuses it. */
    private record PageRequest(
            String uri,
            boolean head,
            boolean keep,
            @Nullable Page refusal) {}

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ctx.read();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
        waiting.add(parsed(request));
        if (waiting.size() == 1) {
            serve(ctx);
        }
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // of a connection that is dropped anyway
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof ReadTimeoutException) && !(cause instanceof IOException)) {
            LOG.warn("http-connection-failed remote={}", ctx.channel().remoteAddress(), cause);
        }
        ctx.close();
    }

    private static PageRequest parsed(FullHttpRequest request) {
        if (request.decoderResult().isFailure()) {
            return new PageRequest(
                    "", false, false, malformed(request.decoderResult().cause()));
        }
        boolean head = request.method().equals(HttpMethod.HEAD);
        boolean served = head || request.method().equals(HttpMethod.GET);
        return new PageRequest(
                request.uri(),
                head,
                HttpUtil.isKeepAlive(request),
                served ? null : Page.plain(405, "only GET and HEAD are served\n"));
    }

    /** Serves the first of those that wait, then the next, until none does; only then more is read. */
    private void serve(ChannelHandlerContext ctx) {
        PageRequest request = waiting.element();
        workers.execute(() -> {
            FullHttpResponse response =
                    response(request.refusal() != null ? request.refusal() : page(request.uri()), request);
            try {
                ctx.executor().execute(() -> answer(ctx, request, response));
            } catch (RejectedExecutionException ended) { // the console, and with it the connection, while we were at it
                LOG.debug("http-page-dropped uri={} cause=stopped", request.uri());
            }
        });
    }

    private void answer(ChannelHandlerContext ctx, PageRequest request, FullHttpResponse response) {
        ChannelFuture written = ctx.writeAndFlush(response);
        if (!request.keep()) {
            written.addListener(ChannelFutureListener.CLOSE);
            return;
        }
        waiting.remove();
        if (waiting.isEmpty()) {
            ctx.read();
        } else {
            serve(ctx);
        }
    }

    private Page page(String uri) {
        try {
            return pages.page(uri);
        } catch (RuntimeException failed) {
            LOG.error("http-page-failed uri={}", uri, failed);
            return Page.plain(500, "this page failed; the server's log has the cause\n");
        }
    }

    private static Page malformed(Throwable cause) {
        if (cause instanceof TooLongHttpLineException) {
            return Page.plain(414, "the address is too long\n");
        }
        if (cause instanceof TooLongHttpHeaderException) {
            return Page.plain(431, "the headers are too long\n");
        }
        return Page.plain(400, "this is not HTTP/1.1\n");
    }

    private static FullHttpResponse response(Page page, PageRequest request) {
        byte[] body = page.text().getBytes(StandardCharsets.UTF_8);
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(page.status()),
                request.head() ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(body));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, page.contentType())
                .set(HttpHeaderNames.CONTENT_LENGTH, body.length)
                .set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_STORE)
                .set("x-content-type-options", "nosniff")
                .set(HttpHeaderNames.CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'")
                .set(HttpHeaderNames.CONNECTION, request.keep() ? HttpHeaderValues.KEEP_ALIVE : HttpHeaderValues.CLOSE);
        if (page.status() == 405) {
            response.headers().set(HttpHeaderNames.ALLOW, "GET, HEAD");
        }
        return response;
    }
}
