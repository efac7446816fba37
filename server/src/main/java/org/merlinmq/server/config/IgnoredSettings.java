package org.merlinmq.server.config;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * RocketMQ's keys that are accepted and have no effect here, each with the reason.
 *
 * <p>A key whose other value would promise what this version does not do, such as access control, is accepted only
 * with the value that promises nothing.
 */
public final class IgnoredSettings {
    private static final Map<String, String> WHY = new LinkedHashMap<>();
    private static final Map<String, String> ONLY = new LinkedHashMap<>();

    static {
        because(
                "the folders follow from data and storage.commit-log",
                "storePathConsuQueue storePathConsumeQueue storePathIndex storeCheckpoint abortFile storePathEpochFile "
                        + "storePathDLedgerCommitLog storePathBrokerIdentity configStorePath "
                        + "namesrvConfigPath rocketmqHome brokerConfigPath");
        because(
                "the queue index costs what it holds and has no files of a fixed size",
                "mappedFileSizeConsumeQueue mapedFileSizeConsumeQueue mappedFileSizeConsumeQueueExt "
                        + "bitMapLengthConsumeQueueExt enableConsumeQueueExt flushIntervalConsumeQueue "
                        + "flushConsumeQueueLeastPages flushConsumeQueueThoroughInterval "
                        + "deleteConsumeQueueFilesInterval maxHashSlotNum maxIndexNum storeType "
                        + "searchBcqByCacheEnable");
        because(
                "one write brings what the sockets of a loop had to read, into pre-allocated segments",
                "commitIntervalCommitLog flushCommitLogLeastPages commitCommitLogLeastPages "
                        + "flushCommitLogThoroughInterval commitCommitLogThoroughInterval flushCommitLogTimed "
                        + "transientStorePoolEnable transientStorePoolSize fastFailIfNoBufferInStorePool "
                        + "warmMapedFileEnable warmMappedFileEnable flushLeastPagesWhenWarmMapedFile "
                        + "useReentrantLockWhenPutMessage putMsgIndexHightWater "
                        + "osPageCacheBusyTimeOutMills transferMsgByHeap checkCRCOnRecover "
                        + "deleteCommitLogFilesInterval destroyMapedFileIntervalForcibly "
                        + "redeleteHangedFileInterval cleanResourceInterval deleteFileBatchMax duplicationEnable "
                        + "diskFallRecorded debugLockEnable "
                        + "maxTransferBytesOnMessageInDisk maxTransferCountOnMessageInDisk dataReadAheadEnable "
                        + "autoMessageVersionOnTopicLen enabledAppendPropCRC");
        because(
                "requests run to completion on the loop that read them: there are no pools and no queues to size",
                "sendMessageThreadPoolNums pullMessageThreadPoolNums litePullMessageThreadPoolNums "
                        + "queryMessageThreadPoolNums adminBrokerThreadPoolNums clientManageThreadPoolNums "
                        + "consumerManageThreadPoolNums heartbeatThreadPoolNums endTransactionThreadPoolNums "
                        + "processReplyMessageThreadPoolNums ackMessageThreadPoolNums putMessageFutureThreadPoolNums "
                        + "loadBalanceProcessorThreadPoolNums sendThreadPoolQueueCapacity "
                        + "putThreadPoolQueueCapacity pullThreadPoolQueueCapacity litePullThreadPoolQueueCapacity "
                        + "ackThreadPoolQueueCapacity replyThreadPoolQueueCapacity queryThreadPoolQueueCapacity "
                        + "clientManagerThreadPoolQueueCapacity consumerManagerThreadPoolQueueCapacity "
                        + "heartbeatThreadPoolQueueCapacity endTransactionPoolQueueCapacity "
                        + "adminBrokerThreadPoolQueueCapacity waitTimeMillsInSendQueue waitTimeMillsInPullQueue "
                        + "waitTimeMillsInLitePullQueue waitTimeMillsInHeartbeatQueue "
                        + "waitTimeMillsInTransactionQueue waitTimeMillsInAckQueue brokerFastFailureEnable "
                        + "useEpollNativeSelector serverSelectorThreads serverWorkerThreads "
                        + "serverCallbackExecutorThreads serverOnewaySemaphoreValue serverAsyncSemaphoreValue "
                        + "serverSocketSndBufSize serverSocketRcvBufSize serverSocketBacklog "
                        + "writeBufferHighWaterMark writeBufferLowWaterMark serverPooledByteBufAllocatorEnable "
                        + "enableShutdownGracefully clientThreadPoolQueueCapacity defaultThreadPoolNums "
                        + "clientRequestThreadPoolNums defaultThreadPoolQueueCapacity "
                        + "clientRequestThreadPoolQueueCapacity");
        because(
                "offsets and progress go to a journal as they change",
                "flushConsumerOffsetInterval flushConsumerOffsetHistoryInterval flushDelayOffsetInterval "
                        + "persistConsumerOffsetIncrementally");
        because(
                "registrations are small and always sent whole",
                "forceRegister compressedRegister fetchNamesrvAddrByAddressServer fetchNameSrvAddrByDnsLookup "
                        + "isolateLogEnable enableSplitRegistration splitRegistrationSize unRegisterBrokerQueueCapacity");
        because(
                "slaves are served as they come, and none is elected",
                "haSendHeartbeatInterval haHousekeepingInterval "
                        + "haTransferBatchSize haMaxGapNotInSync haSlaveFallbehindMax offsetCheckInSlave "
                        + "syncMasterFlushOffsetWhenStartup minInSyncReplicas "
                        + "totalReplicas enableAutoInSyncReplicas allAckInSyncStateSet controllerAddr "
                        + "dLegerGroup dLegerPeers dLegerSelfId preferredLeaderId "
                        + "syncFromLastFile asyncLearner");
        because(
                "what is decided in one pass over the sockets is listed in one record, at once",
                "transactionMetricFlushInterval transactionOpMsgMaxSize transactionOpBatchInterval");
        because(
                "the server's own timer keeps any delay",
                "timerPrecisionMs timerRollWindowSlot timerFlushIntervalMs "
                        + "timerGetMessageThreadNum timerPutMessageThreadNum timerEnableDisruptor "
                        + "timerInterceptDelayLevel timerCheckMetricsWhen timerSkipUnknownError timerWarmEnable "
                        + "timerStopEnqueue timerStopDequeue enableScheduleMessageStats "
                        + "allowRecallWhenBrokerNotWriteable appendTopicForTimerDeleteKey "
                        + "enableScheduleAsyncDeliver");
        because(
                "this version has no pop consumption",
                "reviveQueueNum popPollingSize popPollingMapSize popCkStayBufferTime enableRetryTopicV2 "
                        + "defaultMessageRequestMode enablePopBufferMerge enablePopLog reviveInterval "
                        + "enablePopBatchAck");
        because(
                "/metrics is always served on the console port",
                "metricsExporterType metricsPromExporterPort metricsPromExporterHost metricsGrpcExporterTarget "
                        + "metricsGrpcExporterHeader metricsGrpcExporterTimeOutInMills "
                        + "metricsGrpcExporterIntervalInMills metricsLabel metricsInDelta "
                        + "metricsOtelCardinalityLimit");
        because(
                "a reply is brought to the client that waits for it, and not stored besides",
                "storeReplyMessageEnable");
        because(
                "no case needs it here",
                "useServerSideResetOffset rejectPullConsumerEnable defaultQueryMaxNum "
                        + "disableConsumeIfConsumerReadSlowly consumerFallbehindThreshold "
                        + "filterServerNums filterSupportRetry enableCalcFilterBitMap "
                        + "expectConsumerNumUseFilter maxErrorRateOfBloomFilter "
                        + "filterDataCleanTimeSpan highSpeedMode commercialEnable commercialTimerCount "
                        + "commercialTransCount commercialBigCount commercialBaseCount "
                        + "messageStorePlugIn validateSystemTopicWhenUpdateTopic "
                        + "enableDetailStat autoDeleteUnusedStats accountStatsEnable "
                        + "productEnvName clusterTest "
                        + "needWaitForService waitSecondsForService supportActingMaster "
                        + "notifyMinBrokerIdChanged");
        only("false", "this version has no access control", "aclEnable authenticationEnabled authorizationEnabled");
        only(
                "false",
                "slaves are served as they come, and none is elected",
                "enableDLegerCommitLog enableControllerMode enableSlaveActingMaster");
    }

    private IgnoredSettings() {}

    /** All keys. */
    public static Set<String> keys() {
        return WHY.keySet();
    }

    /**
     * Why a key has no effect.
     *
     * @param key a name in RocketMQ's spelling
     * @return the reason, or null if the key is not one of these
     */
    public static @Nullable String why(String key) {
        return WHY.get(key);
    }

    /**
     * The only value that a key may have.
     *
     * @param key a name in RocketMQ's spelling
     * @return the value, or null if any will do
     */
    public static @Nullable String only(String key) {
        return ONLY.get(key);
    }

    private static void because(String why, String keys) {
        for (String key : keys.split(" ", -1)) {
            if (WHY.put(key, why) != null) {
                throw new IllegalStateException("listed twice: " + key);
            }
        }
    }

    private static void only(String value, String why, String keys) {
        because(why, keys);
        for (String key : keys.split(" ", -1)) {
            ONLY.put(key, value);
        }
    }
}
