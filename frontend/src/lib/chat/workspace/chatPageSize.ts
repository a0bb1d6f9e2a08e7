/** Chats that are requested at once: by the sidebar for each project, and by the archive and the bin. */
export const chatPageSize = 100;
