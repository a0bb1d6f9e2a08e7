/**
 * Opens a popover beside its control, in the top layer and fully inside the window. Esc and a press elsewhere close it;
 * on a narrow screen the style sheets make it a sheet at the bottom.
 */
import type { Attachment } from 'svelte/attachments';

const marginPx = 8;

export interface PopoverOptions {
  readonly anchor: () => HTMLElement | null | undefined;
  readonly onclose: () => void;
  /** Which edges of the two are in line. */
  readonly align?: 'start' | 'end';
  /** What has the focus first. Default: the popover itself. */
  readonly focus?: () => HTMLElement | null;
}

/** The element has the attribute `popover`. */
export function popoverAt({
  anchor,
  onclose,
  align = 'start',
  focus,
}: PopoverOptions): Attachment<HTMLElement> {
  return (popover) => {
    const position = () => {
      const beside = anchor()?.getBoundingClientRect();
      if (!beside) return;
      const { offsetWidth: width, offsetHeight: height } = popover;
      const isAtStart = (align === 'start') !== (getComputedStyle(popover).direction === 'rtl');
      const left = isAtStart ? beside.left : beside.right - width;
      const above = beside.top - marginPx - height;
      const below = beside.bottom + marginPx;
      const hasRoomBelow = below + height + marginPx <= innerHeight;
      const top = hasRoomBelow && beside.top < innerHeight / 2 ? below : above;
      const clamp = (value: number, size: number, room: number) =>
        Math.max(marginPx, Math.min(value, room - size - marginPx));
      popover.style.setProperty('--left', `${clamp(left, width, innerWidth)}px`);
      popover.style.setProperty('--top', `${clamp(top, height, innerHeight)}px`);
    };
    const onToggle = (event: ToggleEvent) => {
      if (event.newState === 'closed') onclose();
      // A press on the control closes what it opened. Only from now on: the press that opens it is not over yet.
      else if (anchor() instanceof HTMLButtonElement)
        (anchor() as HTMLButtonElement).popoverTargetElement = popover;
    };
    popover.addEventListener('toggle', onToggle);
    popover.showPopover();
    position();
    (focus?.() ?? popover).focus({ preventScroll: true });
    addEventListener('resize', position);
    // What comes late makes it larger.
    const growth = new ResizeObserver(position);
    growth.observe(popover);
    return () => {
      growth.disconnect();
      removeEventListener('resize', position);
      popover.removeEventListener('toggle', onToggle);
      // Gives the focus back to where it came from.
      if (popover.matches(':popover-open')) popover.hidePopover();
    };
  };
}
